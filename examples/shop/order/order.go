// Package order is what both programs of the shop know of orders, so that a change of it
// rebuilds both.
package order

import "fmt"

// An Order is one for an item.
type Order struct {
	ID      int64
	Item    string
	Shipped bool
}

// Price is what it costs, in cents.
func (o Order) Price() int {
	switch o.Item {
	case "tea":
		return 250
	case "coffee":
		return 320
	}
	return 0
}

// String is the order as a customer reads it.
func (o Order) String() string {
	return fmt.Sprintf("#%d %s, %d.%02d €", o.ID, o.Item, o.Price()/100, o.Price()%100)
}
