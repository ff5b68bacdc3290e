// Client is the client of a first tutorial on sockets: it sends what is typed, a line at a time, and prints the answers.
//
//	go run ./examples/tutorial/client [host:port]
package main

import (
	"bufio"
	"fmt"
	"log"
	"net"
	"os"
)

func main() {
	address := "localhost:8330"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("connected to", conn.RemoteAddr())
	answers := bufio.NewReader(conn)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if _, err := fmt.Fprintln(conn, lines.Text()); err != nil {
			log.Fatal(err)
		}
		answer, err := answers.ReadString('\n')
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print("got ", answer)
	}
	conn.Close()
}
