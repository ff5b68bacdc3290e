// Server is the server of a first tutorial on sockets: it sends back what it reads, one connection after the other.
//
//	go run ./examples/tutorial/server
package main

import (
	"fmt"
	"io"
	"log"
	"net"
)

func main() {
	ln, err := net.Listen("tcp", ":8330")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", ln.Addr())
	for {
		conn, err := ln.Accept()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("accepted", conn.RemoteAddr())
		n, err := io.Copy(conn, conn)
		fmt.Println("echoed", n, "bytes:", err)
		conn.Close()
	}
}
