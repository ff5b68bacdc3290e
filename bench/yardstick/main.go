// Yardstick is M: the smallest sensible bridge from WebSocket to TCP, against which the playground is measured.
// It observes nothing and logs nothing.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/gorilla/websocket"
)

const size = 64 << 10

func main() {
	target := flag.String("target", "", "`host:port` to bridge to")
	events := flag.String("events", "", "`file` of events, one a line, to send at /events with one frame each")
	flag.Parse()
	up := websocket.Upgrader{ReadBufferSize: size, WriteBufferSize: size, CheckOrigin: func(*http.Request) bool { return true }}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		tcp, err := net.Dial("tcp", *target)
		if err != nil {
			return
		}
		defer tcp.Close()
		go toWebSocket(ws, tcp) // ends with tcp
		toTCP(tcp, ws)
	})
	http.HandleFunc("/events", func(w http.ResponseWriter, r *http.Request) {
		ws, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		b, err := os.ReadFile(*events)
		if err != nil {
			return
		}
		for _, line := range bytes.Split(b, []byte{'\n'}) {
			if ws.WriteMessage(websocket.TextMessage, line) != nil {
				return
			}
		}
		_, _, _ = ws.ReadMessage() // until the reader has had enough
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(l.Addr())
	log.Fatal(http.Serve(l, nil))
}

func toTCP(tcp net.Conn, ws *websocket.Conn) {
	buf := make([]byte, size)
	for {
		_, r, err := ws.NextReader()
		for err == nil {
			var n int
			if n, err = r.Read(buf); n > 0 {
				if _, err := tcp.Write(buf[:n]); err != nil {
					return
				}
			}
		}
		if err.Error() != "EOF" {
			return
		}
	}
}

func toWebSocket(ws *websocket.Conn, tcp net.Conn) {
	buf := make([]byte, size)
	for {
		n, err := tcp.Read(buf)
		if err != nil {
			ws.Close()
			return
		}
		if ws.WriteMessage(websocket.BinaryMessage, buf[:n]) != nil {
			tcp.Close()
			return
		}
	}
}
