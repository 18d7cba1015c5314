package ballots

import (
	"fmt"
	"strconv"
	"strings"
)

// Form is what a ballot of one evaluation asks, and what can be answered (E7, E10). Inside the database a ballot's
// answers are one digit a question, in the form's order: 0 for none, else the answer's place counted from 1.
type Form struct {
	Questions []string
	Answers   []string
}

// Encode writes answers as digits. It wants known questions and answers.
func (f Form) Encode(answers map[string]string) (string, error) {
	digits := []byte(strings.Repeat("0", len(f.Questions)))
	left := len(answers)
	for i, question := range f.Questions {
		answer, given := answers[question]
		if !given {
			continue
		}
		left--
		place := f.place(answer)
		if place == 0 {
			return "", fmt.Errorf("%s: unknown answer %.40q", question, answer)
		}
		digits[i] = byte('0' + place)
	}
	if left > 0 {
		return "", fmt.Errorf("%d answers are to unknown questions", left)
	}
	return string(digits), nil
}

func (f Form) place(answer string) int {
	for i, known := range f.Answers {
		if known == answer {
			return i + 1
		}
	}
	return 0
}

// Decode reads digits.
func (f Form) Decode(digits string) (map[string]string, error) {
	if len(digits) != len(f.Questions) {
		return nil, fmt.Errorf("%d answers to %d questions", len(digits), len(f.Questions))
	}
	answers := map[string]string{}
	for i, question := range f.Questions {
		if digits[i] == '0' {
			continue
		}
		answer, err := f.Answer(digits[i : i+1])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", question, err)
		}
		answers[question] = answer
	}
	return answers, nil
}

// Answer reads the digit of one answer.
func (f Form) Answer(digit string) (string, error) {
	place, err := strconv.Atoi(digit)
	if err != nil || place < 1 || place > len(f.Answers) {
		return "", fmt.Errorf("no answer has place %.10q", digit)
	}
	return f.Answers[place-1], nil
}
