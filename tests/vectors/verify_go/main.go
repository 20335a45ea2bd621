// Checks a published log with the code behind Go's own checksum database: the signature of its checkpoint,
// inclusion of entries, and consistency with older checkpoints. It shares no line with openclets.
//
//	verify_go LOG_FOLDER [OLDER_CHECKPOINT...]
//
// x/mod asks for tile/8/L/N where C2SP serves tile/L/N: the one path is mapped to the other, nothing else.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder string

func (f folder) Height() int { return 8 }

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		content, err := os.ReadFile(filepath.Join(string(f), "tile", strings.TrimPrefix(t.Path(), "tile/8/")))
		if err != nil {
			return nil, err
		}
		all = append(all, content)
	}
	return all, nil
}

func (f folder) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

func (f folder) entry(index, size int64) []byte {
	tile := tlog.Tile{H: 8, L: 0, N: index / 256, W: 256}
	if size-tile.N*256 < 256 {
		tile.W = int(size - tile.N*256)
	}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	bundle, err := os.ReadFile(filepath.Join(string(f), path))
	check(err, path)
	for skip := index % 256; skip > 0; skip-- {
		bundle = bundle[2+binary.BigEndian.Uint16(bundle):]
	}
	return bundle[2 : 2+binary.BigEndian.Uint16(bundle)]
}

func check(err error, what string) {
	if err != nil {
		fmt.Fprintln(os.Stderr, what+":", err)
		os.Exit(4)
	}
}

func open(path string, verifier note.Verifier) tlog.Tree {
	text, err := os.ReadFile(path)
	check(err, path)
	opened, err := note.Open(text, note.VerifierList(verifier))
	check(err, path)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		check(fmt.Errorf("origin %q", lines[0]), path)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, path)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	check(err, path)
	var tree tlog.Tree
	tree.N = size
	copy(tree.Hash[:], root)
	return tree
}

func main() {
	log := folder(os.Args[1])
	vkey, err := os.ReadFile(filepath.Join(string(log), "vkey"))
	check(err, "vkey")
	verifier, err := note.NewVerifier(strings.TrimSpace(string(vkey)))
	check(err, "vkey")
	tree := open(filepath.Join(string(log), "checkpoint"), verifier)
	hashes := tlog.TileHashReader(tree, log)

	included := 0
	for _, index := range []int64{0, 1, 255, 256, 257, 511, 4095, 4096, 65535, 65536, tree.N / 2, tree.N - 2, tree.N - 1} {
		if index < 0 || index >= tree.N {
			continue
		}
		proof, err := tlog.ProveRecord(tree.N, index, hashes)
		check(err, fmt.Sprintf("inclusion of %d", index))
		leaf := tlog.RecordHash(log.entry(index, tree.N))
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf), fmt.Sprintf("inclusion of %d", index))
		included++
	}
	for _, path := range os.Args[2:] {
		old := open(path, verifier)
		proof, err := tlog.ProveTree(tree.N, old.N, hashes)
		check(err, "consistency with "+path)
		check(tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash), "consistency with "+path)
	}
	fmt.Printf("size %d included %d consistent %d\n", tree.N, included, len(os.Args)-2)
}
