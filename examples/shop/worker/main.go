// The worker of the shop ships what was ordered.
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/hotdev/hotdev/examples/shop/order"
)

func main() {
	api := "http://127.0.0.1:" + os.Getenv("API_PORT")
	for {
		if o, ok := ship(api); ok {
			fmt.Println("shipped", o)
			continue
		}
		time.Sleep(time.Second)
	}
}

// ship asks for an order that is open; it is false if there is none, or no api.
func ship(api string) (o order.Order, ok bool) {
	resp, err := http.Post(api+"/orders/ship", "", nil)
	if err != nil {
		return order.Order{}, false
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return order.Order{}, false
	}
	err = json.NewDecoder(resp.Body).Decode(&o)
	return o, err == nil
}
