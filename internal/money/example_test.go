package money_test

import (
	"fmt"

	"github.com/cafeforme/cafeforme/internal/money"
)

// Amounts are in minor units, of which each currency has its own.
func ExampleFormat() {
	fmt.Println(money.Format(4500, "KRW"))
	fmt.Println(money.Format(4500, "USD"))
	fmt.Println(money.Format(4500, "KWD"))
	// Output:
	// 4500 KRW
	// 45.00 USD
	// 4.500 KWD
}
