package main

import (
	"os"
	"path/filepath"
)

const helloMain = `package main

import (
	"fmt"
	"net"
	"net/http"
	"os"

	"example.com/hello/store"
)

func main() {
	l, err := net.Listen("tcp", os.Getenv("ADDR"))
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/", answer)
	http.Serve(l, nil)
}

func answer(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintln(w, "main 0", store.Word(r.URL.Path))
}
`

const helloStore = `package store

import "fmt"

// PAD

var served int

func Word(s string) string {
	served++
	return fmt.Sprint("store 0 ", served, len(s))
}

func Other(s string) string { return s + s }
`

func writeHello(dir string) error {
	for name, text := range map[string]string{"go.mod": "module example.com/hello\n\ngo 1.24\n", "main.go": helloMain, "store/store.go": helloStore} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
