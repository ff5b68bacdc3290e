// Cli drives a playground from the command line: it listens, dials, writes, and prints what happens.
//
//	go run ./examples/cli localhost:8080
//	go run ./examples/cli 'http://localhost:8080/#code=…'    where the playground asks for its code
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/gorilla/websocket"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: cli host:port, or the URL that the playground printed")
	}
	url, code, _ := strings.Cut(strings.TrimPrefix(os.Args[1], "http://"), "#code=")
	host := strings.TrimSuffix(url, "/")
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+host+"/ws", http.Header{"Origin": {"http://" + host}})
	if err != nil {
		log.Fatal(err)
	}
	say := func(command string) { _ = ws.WriteMessage(websocket.TextMessage, []byte(command)) } // ReadJSON tells if it fails
	hello, _ := json.Marshal(map[string]any{"type": "hello", "version": 1, "code": code})       // a map of these cannot fail
	say(string(hello))
	say(`{"id":1,"type":"listen","address":"127.0.0.1:0","behavior":"echo"}`)
	for closed := false; !closed; {
		var frame struct {
			Type, Message string
			Events        []map[string]any
		}
		if err := ws.ReadJSON(&frame); err != nil {
			log.Fatal(err)
		}
		if frame.Type == "error" {
			log.Fatal(frame.Message)
		}
		for _, e := range frame.Events {
			fmt.Println(line(e, "seq", "source", "socket", "type", "op", "args", "result", "from", "to"))
			switch {
			case e["type"] == "state_changed" && e["socket"] == "S1" && e["to"] == "LISTEN":
				say(`{"id":2,"type":"dial","address":"S1"}`)
			case e["op"] == "Dial" && e["type"] == "call_returned":
				say(`{"id":3,"type":"write","socket":"C1","data":"hello\n"}`)
			case e["op"] == "Read" && e["socket"] == "C1" && e["type"] == "call_returned": // the echo
				say(`{"id":4,"type":"close","socket":"C1"}`)
			case e["to"] == "TIME_WAIT":
				closed = true
			}
		}
	}
}

// line joins the fields that an event has.
func line(e map[string]any, fields ...string) (text string) {
	for _, f := range fields {
		if v, ok := e[f]; ok {
			text += fmt.Sprint(v, " ")
		}
	}
	return text
}
