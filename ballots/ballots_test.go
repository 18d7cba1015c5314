package ballots

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/kaoping/kaoping/rules"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// fails wants an error that says all of this.
func fails(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one that says %q", words)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the error is %q, want %q in it", err, word)
		}
	}
}

func receipt(number int) Receipt {
	return NewReceipt([]byte("secret"), 1, uuid.NewSHA1(uuid.Nil, fmt.Append(nil, number)))
}

// ballot answers content, satisfied or not in turn.
func ballot(number int) Ballot {
	answer := []string{"satisfied", "dissatisfied"}[number%2]
	return Ballot{Receipt: receipt(number), Unit: "C01", Channel: Public, Answers: map[string]string{"content": answer}}
}

func TestReceipts(t *testing.T) {
	t.Parallel()
	one := receipt(1)
	is(t, "the same key's receipt", receipt(1), one)
	for what, other := range map[string]Receipt{
		"another key's": receipt(2), "another cycle's": NewReceipt([]byte("secret"), 2, uuid.NewSHA1(uuid.Nil, []byte("1"))),
		"another secret's": NewReceipt([]byte("other"), 1, uuid.NewSHA1(uuid.Nil, []byte("1"))),
	} {
		if other == one {
			t.Errorf("%s receipt is the same", what)
		}
	}
	text := one.String()
	is(t, "its length", len(text), 19)
	for _, typed := range []string{text, strings.ToLower(text), strings.ReplaceAll(text, "-", " "), strings.ReplaceAll(text, "0", "O"), " " + strings.ReplaceAll(text, "1", "l")} {
		read, err := ParseReceipt(typed)
		must(t, err)
		is(t, typed, read, one)
	}
	for _, wrong := range []string{"", "ABCD", text + "0", strings.Repeat("U", 16), text[:18] + "!", strings.Repeat("评", 16)} {
		_, err := ParseReceipt(wrong)
		fails(t, err, "no receipt")
	}
}

// The leaf is written out by hand once: whoever verifies it with other means needs exactly this.
func TestLeaf(t *testing.T) {
	t.Parallel()
	nonce := bytes.Repeat([]byte{7}, nonceSize)
	cast := Ballot{Receipt: Receipt{}, Unit: "C01", Channel: Public, Hall: "H1", Answers: map[string]string{"timeliness": "dissatisfied", "content": "satisfied"}, Commitment: Commit(nonce, "好")}
	leaf, err := cast.Leaf()
	must(t, err)
	is(t, "the leaf", string(leaf), `{"receipt":"0000-0000-0000-0000","unit":"C01","channel":"public","hall":"H1",`+
		`"answers":{"content":"satisfied","timeliness":"dissatisfied"},"comment_hash":"u9MdtWtrEYM52FWarmIbUE1VjAjg+veOeBsuRZ8/f24="}`)
	is(t, "no comment's commitment", Commit(nonce, ""), "")
}

// built is a log of so many leaves, with its tiles.
func built(t *testing.T, size int) (memory, []tlog.Hash) {
	t.Helper()
	tiles := memory{}
	builder := Builder{Put: tiles.put}
	var leaves []tlog.Hash
	for number := range size {
		hash, err := ballot(number).Hash()
		must(t, err)
		must(t, builder.Add(hash))
		leaves = append(leaves, hash)
	}
	count, err := builder.Close()
	must(t, err)
	is(t, "the size", count, int64(size))
	return tiles, leaves
}

// What we prove, another library verifies: across the edges of tiles, and of one level above them.
func TestProofsHoldElsewhere(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 2, 3, 255, 256, 257, 1000, 65536, 65793} {
		tiles, leaves := built(t, size)
		root, err := Tiles(tiles.get).Root(int64(size))
		must(t, err)
		for _, index := range []int{0, size / 3, size - 1} {
			path, err := Tiles(tiles.get).Prove(int64(size), int64(index))
			must(t, err)
			nodes := make([][]byte, len(path))
			for i := range path {
				nodes[i] = path[i][:]
			}
			must(t, proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(size), leaves[index][:], nodes, root[:]))
			other := leaves[(index+1)%size]
			if size > 1 && proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(index), uint64(size), other[:], nodes, root[:]) == nil {
				t.Errorf("%d of %d: another ballot is proved", index, size)
			}
		}
	}
	root, err := Tiles(memory{}.get).Root(0)
	must(t, err)
	is(t, "the root of nothing", root.String(), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
	is(t, "and elsewhere", bytes.Equal(rfc6962.DefaultHasher.EmptyRoot(), root[:]), true)
}

func TestCheckpoint(t *testing.T) {
	t.Parallel()
	secret, public, err := NewKey()
	must(t, err)
	signer, err := NewSigner(secret + "\n")
	must(t, err)
	is(t, "the public key", signer.Public, public)
	root := Root{Log: "kaoping/pingliang/2025/evaluation", Size: 3, Hash: tlog.RecordHash([]byte("x"))}
	signed, err := root.Sign(signer)
	must(t, err)
	opened, err := OpenCheckpoint(signed, public)
	must(t, err)
	is(t, "what was signed", opened, root)
	_, err = OpenCheckpoint(strings.Replace(signed, "\n3\n", "\n4\n", 1), public)
	fails(t, err, "not signed by kaoping")
	_, other, err := NewKey()
	must(t, err)
	_, err = OpenCheckpoint(signed, other)
	fails(t, err, "not signed")
	_, err = NewSigner("PRIVATE+KEY+x")
	fails(t, err, "couldn't read the signing key")
}

// list writes lines as they are published; a comment of the first is published, the last is hidden.
func list(t *testing.T, size int) (string, tlog.Hash) {
	t.Helper()
	var out strings.Builder
	tiles := memory{}
	builder := Builder{Put: tiles.put}
	nonce := NewNonce()
	for number := range size {
		cast := ballot(number)
		line := Line{Ballot: &cast}
		if number == 0 {
			cast.Commitment, line.Comment, line.Nonce = Commit(nonce, "窗口排队时间长"), "窗口排队时间长", nonce
		}
		hash, err := line.Hash()
		must(t, err)
		if number == size-1 {
			line = Line{Hidden: &hash}
		}
		must(t, builder.Add(hash))
		text, err := json.Marshal(line)
		must(t, err)
		out.Write(append(text, '\n'))
	}
	_, err := builder.Close()
	must(t, err)
	root, err := Tiles(tiles.get).Root(int64(size))
	must(t, err)
	return out.String(), root
}

func TestVerifyList(t *testing.T) {
	t.Parallel()
	text, root := list(t, 6)
	read, err := ReadList(strings.NewReader(text))
	must(t, err)
	must(t, read.Check(6, root))
	is(t, "hidden", read.Hidden, int64(1))
	fails(t, read.Check(7, root), "6 ballots, 7 were sealed")
	lines := strings.SplitAfter(text, "\n")
	for what, wrong := range map[string]string{
		"an answer changed":  strings.Replace(text, `"dissatisfied"`, `"satisfied"`, 1),
		"two ballots change": lines[0] + lines[2] + lines[1] + strings.Join(lines[3:], ""),
		"another hall":       strings.Replace(text, `"channel":"public",`, `"channel":"public","hall":"H1",`, 1),
	} {
		read, err := ReadList(strings.NewReader(wrong))
		must(t, err)
		if read.Check(6, root) == nil {
			t.Errorf("%s: the list still has its root", what)
		}
	}
	for words, wrong := range map[string]string{
		"ballots.jsonl:7: ballot " + receipt(1).String() + " is in line 2 too":                    text + lines[1],
		"ballots.jsonl:1: the comment":                                                            strings.Replace(text, "排队时间长", "很快", 1),
		"ballots.jsonl:2: this is neither":                                                        lines[0] + "{}\n",
		"ballots.jsonl:1: this is no ballot":                                                      `{"receipt":"x"}`,
		"ballots.jsonl:1: this is no ballot: more follows after it":                               strings.Replace(text, "\n", " {}\n", 1),
		"ballots.jsonl:1: this is no whole ballot: receipt, unit, channel or answers are missing": `{"unit":"C01","channel":"public","answers":{"content":"satisfied"}}`,
		`unknown field "person"`:                                                                  strings.Replace(text, `"unit"`, `"person":"x","unit"`, 1),
		"couldn't read the line":                                                                  text + strings.Repeat("x", longestLine+1),
	} {
		_, err := ReadList(strings.NewReader(wrong))
		fails(t, err, words)
	}
}

// book counts the ballots of a list of six: 0 … 4 as they are listed, and the hidden fifth.
func book() *rules.Book {
	counted := &rules.Book{}
	for number := range 6 {
		cast := ballot(number)
		counted.Ballots = append(counted.Ballots, rules.Ballot{Unit: cast.Unit, Channel: cast.Channel, Answers: cast.Answers})
	}
	return counted
}

func TestTheBookCountsTheList(t *testing.T) {
	t.Parallel()
	text, _ := list(t, 6)
	read, err := ReadList(strings.NewReader(text))
	must(t, err)
	counted := book()
	must(t, read.CheckBook(counted))
	counted.Ballots = append(counted.Ballots, rules.Ballot{Unit: "C02", Channel: Public, Answers: map[string]string{"content": "satisfied"}})
	fails(t, read.CheckBook(counted), "counts 2 ballots that are not listed", "only hashes are listed of 1")

	counted = book()
	counted.Ballots = counted.Ballots[1:]
	fails(t, read.CheckBook(counted), "leaves out 1 listed ballots without a reason: C01, public")
	counted.Excluded = []json.RawMessage{json.RawMessage(`{"index": 0, "reason": "同一网络短时间集中投票"}`)}
	must(t, read.CheckBook(counted))
	counted.Excluded = append(counted.Excluded, json.RawMessage(`{"reason": "x"}`), json.RawMessage(`{"index": 0, "reason": "x"}`), json.RawMessage(`{"index": 6, "reason": "x"}`))
	fails(t, read.CheckBook(counted), "excluded[1]: it has no index", "excluded[2]: index 0", "excluded[3]: index 6")

	counted = book()
	counted.Ballots = counted.Ballots[:5]
	fails(t, read.CheckBook(counted), "counts 0 ballots that are not listed", "only hashes are listed of 1")
	counted.Excluded = []json.RawMessage{json.RawMessage(`{"index": 5, "reason": "x"}`)}
	must(t, read.CheckBook(counted))
}

func TestForm(t *testing.T) {
	t.Parallel()
	form := Form{Questions: []string{"content", "timeliness", "other"}, Answers: []string{"satisfied", "dissatisfied"}}
	digits, err := form.Encode(map[string]string{"timeliness": "dissatisfied", "other": "satisfied"})
	must(t, err)
	is(t, "as digits", digits, "021")
	answers, err := form.Decode("021")
	must(t, err)
	is(t, "and back", fmt.Sprint(answers), "map[other:satisfied timeliness:dissatisfied]")
	for words, wrong := range map[string]map[string]string{"unknown answer": {"content": "x"}, "1 answers are to unknown": {"x": "satisfied"}} {
		_, err := form.Encode(wrong)
		fails(t, err, words)
	}
	for _, wrong := range []string{"02", "0211", "023", "02/"} {
		if _, err := form.Decode(wrong); err == nil {
			t.Errorf("%q is read", wrong)
		}
	}
}
