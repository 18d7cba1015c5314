package ballots

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/kaoping/kaoping/rules"
)

// Listing is a published list as it was read: its root, and what it says in all.
type Listing struct {
	Size   int64
	Hash   tlog.Hash
	Hidden int64
	// lines tells, for those that count in the tally, how often each unit was answered so in a channel.
	lines map[vote]int64
	// hidden are the places of those of which only the hash is told.
	hidden map[int64]bool
	places []vote
}

// vote is what counts of a ballot: its answers as the leaf writes them.
type vote struct{ unit, channel, answers string }

func (v vote) String() string { return fmt.Sprintf("%s, %s, %s", v.unit, v.channel, v.answers) }

// most bounds a line of the list, and how many faults are told of one file.
const (
	longestLine = 1 << 16
	mostFaults  = 20
)

// ReadList reads a published list, and tells everything that is wrong in it at once.
func ReadList(in io.Reader) (*Listing, error) {
	read := &Listing{lines: map[vote]int64{}, hidden: map[int64]bool{}}
	tiles := memory{}
	builder := Builder{Put: tiles.put}
	receipts := map[Receipt]int64{}
	var faults []error
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestLine)
	for lines.Scan() && len(faults) < mostFaults {
		number := builder.size + 1
		hash, err := read.line(lines.Bytes(), receipts)
		if err != nil {
			faults = append(faults, fmt.Errorf("ballots.jsonl:%d: %w", number, err))
		}
		if err := builder.Add(hash); err != nil {
			return nil, err
		}
	}
	if err := lines.Err(); err != nil {
		faults = append(faults, fmt.Errorf("ballots.jsonl:%d: couldn't read the line: %w", builder.size+1, err))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	var err error
	if read.Size, err = builder.Close(); err != nil {
		return nil, err
	}
	read.Hash, err = Tiles(tiles.get).Root(read.Size)
	return read, err
}

func (l *Listing) line(text []byte, receipts map[Receipt]int64) (tlog.Hash, error) {
	line, err := parseLine(text)
	if err != nil {
		return tlog.Hash{}, err
	}
	place := int64(len(l.places))
	if line.Hidden != nil {
		l.Hidden++
		l.hidden[place] = true
		l.places = append(l.places, vote{})
		return *line.Hidden, nil
	}
	if before, twice := receipts[line.Receipt]; twice {
		return tlog.Hash{}, fmt.Errorf("ballot %s is in line %d too", line.Receipt, before+1)
	}
	receipts[line.Receipt] = place
	answers, err := json.Marshal(line.Answers)
	if err != nil {
		return tlog.Hash{}, err
	}
	cast := vote{line.Unit, line.Channel, string(answers)}
	l.lines[cast]++
	l.places = append(l.places, cast)
	return line.Hash()
}

// parseLine reads one line: a whole ballot, or the hash of one.
func parseLine(text []byte) (Line, error) {
	var line Line
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&line); err != nil {
		return line, fmt.Errorf("this is no ballot: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return line, errors.New("this is no ballot: more follows after it")
	}
	if (line.Ballot == nil) == (line.Hidden == nil) {
		return line, errors.New("this is neither a ballot nor the hash of one")
	}
	if line.Ballot != nil && (line.Receipt == Receipt{} || line.Unit == "" || line.Channel == "" || len(line.Answers) == 0) {
		return line, errors.New("this is no whole ballot: receipt, unit, channel or answers are missing")
	}
	return line, nil
}

// memory keeps the tiles of a list that is verified.
type memory map[[2]int64][]byte

func (m memory) put(tile Tile) error {
	m[[2]int64{int64(tile.Level), tile.Number}] = tile.Hashes
	return nil
}

func (m memory) get(level int, number int64) ([]byte, error) {
	return m[[2]int64{int64(level), number}], nil
}

// Check holds the list against a root: that of the checkpoint, or that of the journal.
func (l *Listing) Check(size int64, root tlog.Hash) error {
	switch {
	case l.Size != size:
		return fmt.Errorf("the list has %d ballots, %d were sealed", l.Size, size)
	case l.Hash != root:
		return fmt.Errorf("the list's root is %s, sealed was %s", l.Hash, root)
	}
	return nil
}

// CheckBook holds the list against the ballots that a book counts: each of the list counts once, but for those that the
// book excludes by their index, and no other counts.
func (l *Listing) CheckBook(book *rules.Book) error {
	rest := map[vote]int64{}
	for cast, times := range l.lines {
		rest[cast] = times
	}
	hidden := l.Hidden
	var faults []error
	excluded := map[int64]bool{}
	for i, raw := range book.Excluded {
		index, err := l.excluded(raw, excluded)
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("excluded[%d]: %w", i, err))
		case l.hidden[index]:
			hidden--
		default:
			rest[l.places[index]]--
		}
	}
	for _, ballot := range book.Ballots {
		answers, err := json.Marshal(ballot.Answers)
		if err != nil {
			return err
		}
		rest[vote{ballot.Unit, ballot.Channel, string(answers)}]--
	}
	var beyond int64
	for cast, times := range rest {
		if times > 0 {
			faults = append(faults, fmt.Errorf("the book leaves out %d listed ballots without a reason: %s", times, cast))
		} else {
			beyond -= times
		}
	}
	// Those of which only the hash is listed are in the book with their answers.
	if beyond != hidden {
		faults = append(faults, fmt.Errorf("the book counts %d ballots that are not listed with their answers; only hashes are listed of %d", beyond, hidden))
	}
	return errors.Join(faults[:min(len(faults), mostFaults)]...)
}

func (l *Listing) excluded(raw json.RawMessage, seen map[int64]bool) (int64, error) {
	var one struct {
		Index *int64 `json:"index"`
	}
	if err := json.Unmarshal(raw, &one); err != nil || one.Index == nil {
		return 0, errors.Join(errors.New("it has no index in the list"), err)
	}
	index := *one.Index
	if index < 0 || index >= l.Size || seen[index] {
		return 0, fmt.Errorf("index %d is not in the list, or excluded twice", index)
	}
	seen[index] = true
	return index, nil
}
