package rules

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Points are exact hundredths of a point: 4.75 is 475. Where points are shown
// they have two decimals; where people give them, at most two.
type Points int64

// maxDigits bounds the digits before the decimal point, so that sums of
// points over any file that fits in memory stay far within an int64.
const maxDigits = 9

// largeDigits bounds the digits of points that are never added up as they are: what an answer is worth, a threshold.
const largeDigits = 15

// ParsePoints reads points as people and files write them: digits without
// leading zeros, and at most two decimals.
func ParsePoints(text string) (Points, error) {
	points, ok := parsePoints(text, maxDigits)
	if _, wellFormed := parsePoints(text, len(text)); !ok && wellFormed {
		return 0, fmt.Errorf("%q is too large for points", shortened(text))
	}
	if !ok {
		return 0, fmt.Errorf("%q is not points: expected digits with at most two decimals, such as 4.75", shortened(text))
	}
	return points, nil
}

func parsePoints[T string | []byte](text T, digits int) (Points, bool) {
	whole, at := Points(0), 0
	for ; at < len(text) && digit(text[at]); at++ {
		if at == digits || at == 1 && text[0] == '0' {
			return 0, false
		}
		whole = whole*10 + Points(text[at]-'0')
	}
	if at == 0 {
		return 0, false
	}
	fraction, ok := parseHundredths(text[at:])
	return whole*100 + fraction, ok
}

// parseHundredths reads what follows the digits: nothing, .d or .dd.
func parseHundredths[T string | []byte](text T) (Points, bool) {
	switch {
	case len(text) == 0:
		return 0, true
	case text[0] != '.' || len(text) == 1 || !digit(text[1]):
		return 0, false
	case len(text) == 2:
		return Points(text[1]-'0') * 10, true
	case len(text) == 3 && digit(text[2]):
		return Points(text[1]-'0')*10 + Points(text[2]-'0'), true
	}
	return 0, false
}

func digit(b byte) bool { return '0' <= b && b <= '9' }

// String shows the points with two decimals: 4.75, 5.00, -2.00.
func (p Points) String() string {
	return string(p.appendTo(make([]byte, 0, 8)))
}

func (p Points) appendTo(text []byte) []byte {
	whole := p
	if p < 0 {
		text, whole = append(text, '-'), -p
	}
	text = strconv.AppendInt(text, int64(whole/100), 10)
	return append(text, '.', byte('0'+whole%100/10), byte('0'+whole%10))
}

// Short is the points without needless zeros, as a Chinese sentence has them:
// 满分5分, 加0.6分.
func (p Points) Short() string {
	return strings.TrimSuffix(strings.TrimRight(p.String(), "0"), ".")
}

// MarshalText writes what String shows.
func (p Points) MarshalText() ([]byte, error) { return p.appendTo(nil), nil }

// UnmarshalText reads what ParsePoints reads.
func (p *Points) UnmarshalText(text []byte) error {
	parsed, err := ParsePoints(string(text))
	if err != nil {
		return err
	}
	*p = parsed
	return nil
}

// rat is the points as an exact number of hundredths.
func (p Points) rat() *big.Rat { return new(big.Rat).SetInt64(int64(p)) }

// half is one half of a hundredth, what half-up rounding adds.
var half = big.NewRat(1, 2)

// halfUp rounds a number of hundredths, not negative, half up.
func halfUp(hundredths *big.Rat) Points {
	raised := new(big.Rat).Add(hundredths, half)
	return Points(new(big.Int).Quo(raised.Num(), raised.Denom()).Int64())
}

// mean is sum/n rounded half up; sum is not negative.
func mean(sum Points, n int) Points {
	return (2*sum + Points(n)) / (2 * Points(n))
}

// Loss is what a unit lost on an indicator: the maximum less the mean of the
// points given, half up (A8(6), A13).
func Loss(maximum Points, given []Points) Points {
	lost := Points(0)
	for _, points := range given {
		lost += maximum - points
	}
	return mean(lost, len(given))
}

// shortened keeps a message readable whatever stood in the file.
func shortened(text string) string {
	const most = 60
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}
