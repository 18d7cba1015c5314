package ballots

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// The log's hashes are kept in tiles of 256, as transparency logs keep them.
const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

// Tile is up to 256 hashes side by side at one level of the tree: those of leaves at level 0, of 256 of them at 1.
type Tile struct {
	Level  int
	Number int64
	Hashes []byte
}

// Builder makes the tiles of a log from its leaves, in order. It keeps one tile a level, however long the log is.
type Builder struct {
	// Put keeps a tile.
	Put    func(Tile) error
	levels []Tile
	size   int64
}

// Add appends a leaf's hash.
func (b *Builder) Add(leaf tlog.Hash) error {
	b.size++
	return b.add(0, leaf)
}

func (b *Builder) add(level int, hash tlog.Hash) error {
	if level == len(b.levels) {
		b.levels = append(b.levels, Tile{Level: level})
	}
	b.levels[level].Hashes = append(b.levels[level].Hashes, hash[:]...)
	full := b.levels[level]
	if len(full.Hashes) < tileWidth*tlog.HashSize {
		return nil
	}
	b.levels[level] = Tile{Level: level, Number: full.Number + 1}
	if err := b.Put(full); err != nil {
		return err
	}
	return b.add(level+1, subtree(full.Hashes))
}

// subtree is the hash above all of a full tile's.
func subtree(hashes []byte) tlog.Hash {
	if len(hashes) == tlog.HashSize {
		return tlog.Hash(hashes)
	}
	half := len(hashes) / 2
	return tlog.NodeHash(subtree(hashes[:half]), subtree(hashes[half:]))
}

// Close keeps the tiles that are not full, and tells how many leaves there are.
func (b *Builder) Close() (int64, error) {
	for _, tile := range b.levels {
		if len(tile.Hashes) == 0 {
			continue
		}
		if err := b.Put(tile); err != nil {
			return 0, err
		}
	}
	b.levels = nil
	return b.size, nil
}

// Tiles read a kept tile's hashes, for the root and for proofs.
type Tiles func(level int, number int64) ([]byte, error)

// ReadHashes is how tlog asks.
func (t Tiles) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		tile := tlog.TileForIndex(tileHeight, index)
		kept, err := t(tile.L, tile.N)
		if err != nil {
			return nil, err
		}
		if len(kept) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("the log's tile %s is short", tile.Path())
		}
		if hashes[i], err = tlog.HashFromTile(tile, kept[:tile.W*tlog.HashSize], index); err != nil {
			return nil, fmt.Errorf("couldn't read the log's tile %s: %w", tile.Path(), err)
		}
	}
	return hashes, nil
}

// Root is the Merkle root of the first size leaves (RFC 6962).
func (t Tiles) Root(size int64) (tlog.Hash, error) {
	if size == 0 {
		return emptyRoot, nil
	}
	root, err := tlog.TreeHash(size, t)
	if err != nil {
		return root, fmt.Errorf("couldn't compute the log's root: %w", err)
	}
	return root, nil
}

// Prove proves that a leaf is in the log of that size.
func (t Tiles) Prove(size, index int64) (tlog.RecordProof, error) {
	proof, err := tlog.ProveRecord(size, index, t)
	if err != nil {
		return nil, fmt.Errorf("couldn't prove ballot %d of %d: %w", index, size, err)
	}
	return proof, nil
}
