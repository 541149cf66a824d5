package main

import (
	"bufio"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// serve leads every connection of a listener to an address, or, when there is none, to where its CONNECT asks.
func serve(listener net.Listener, to string) {
	for {
		client, err := listener.Accept()
		if err != nil {
			log.Printf("accept: %v", err)
			time.Sleep(100 * time.Millisecond)
			continue
		}
		go func() {
			defer client.Close()
			if to != "" {
				lead(client, client, to, "")
				return
			}
			reader := bufio.NewReader(client)
			request, err := http.ReadRequest(reader)
			if err != nil || request.Method != http.MethodConnect {
				io.WriteString(client, "HTTP/1.1 405 Only CONNECT\r\ncontent-length: 0\r\n\r\n")
				return
			}
			lead(client, reader, request.Host, "HTTP/1.1 200 Connected\r\n\r\n")
		}()
	}
}

func lead(client net.Conn, from io.Reader, to, greeting string) {
	server, err := net.DialTimeout("tcp", to, 10*time.Second)
	if err != nil {
		if greeting != "" {
			io.WriteString(client, "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
		}
		return
	}
	defer server.Close()
	io.WriteString(client, greeting)
	done := make(chan struct{})
	go func() {
		io.Copy(client, server)
		client.(*net.TCPConn).CloseWrite()
		close(done)
	}()
	io.Copy(server, from)
	server.(*net.TCPConn).CloseWrite()
	<-done
}
