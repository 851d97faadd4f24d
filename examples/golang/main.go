// A small HTTP server: GET / says hello, GET /health says that it works.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// environment returns the value of the first variable that is set, else the fallback.
func environment(fallback string, names ...string) string {
	for _, name := range names {
		if value := os.Getenv(name); value != "" {
			return value
		}
	}
	return fallback
}

func answer(w http.ResponseWriter, status int, content any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(content); err != nil {
		log.Print(err)
	}
}

func handle(w http.ResponseWriter, r *http.Request) {
	log.Print(r.Method, " ", r.URL.Path)
	switch r.URL.Path {
	case "/":
		answer(w, http.StatusOK, map[string]any{
			"message": environment("Hello", "GREETING_PUBLIC"),
			// The words themselves are never shown: whoever has them has the wallet.
			"hasWallet": os.Getenv("MNEMONIC") != "",
		})
	case "/health":
		answer(w, http.StatusOK, map[string]any{"status": "ok"})
	default:
		answer(w, http.StatusNotFound, map[string]any{"error": "not found"})
	}
}

func main() {
	// All addresses: bound to localhost the app would run and answer nobody.
	listener, err := net.Listen("tcp4", "0.0.0.0:"+environment("8080", "PORT", "APP_PORT"))
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(handle), ReadHeaderTimeout: 10 * time.Second}

	stop, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		<-stop.Done()
		limit, release := context.WithTimeout(context.Background(), 5*time.Second)
		defer release()
		_ = server.Shutdown(limit)
	}()

	log.Print("listening on ", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	<-done
}
