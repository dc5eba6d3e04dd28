// Command check verifies a Menshen audit log with the Go checksum database's own code
// (golang.org/x/mod/sumdb/note and tlog), none of it ours.
//
//	check [-witness VKEY]... VKEY_FILE LOG_DIRECTORY [HEADS_FILE [PROOFS_FILE]]
//
// LOG_DIRECTORY is a C2SP tlog-tiles log: checkpoint, bundles and tiles, as a web server hands them
// out; or the address of one that does. VKEY_FILE holds the log's verifier keys, a line each, of which
// every head needs one that has signed it. HEADS_FILE holds signed heads, each followed by an empty line; PROOFS_FILE lines "inclusion
// INDEX SIZE HASH..." and "consistency OLDER NEWER HASH...", hashes in hexadecimal. The checkpoint's
// signature must hold, the tiles must have its root, every record of the bundles must be the leaf
// that the tiles name and have an inclusion proof, every head must be consistent with every other
// one and with the checkpoint, and every proof must hold. Every witness that is named must have
// cosigned the checkpoint (C2SP tlog-cosignature, Ed25519).
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8
const tileWidth = 1 << tileHeight

func fail(format string, args ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

// A file, or what an address answers to whoever shows LOG_TOKEN.
func fetch(path string) ([]byte, error) {
	if !strings.HasPrefix(path, "http://") {
		return os.ReadFile(path)
	}
	request, err := http.NewRequest("GET", path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("LOG_TOKEN"))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, response.Status)
	}
	return io.ReadAll(response.Body)
}

func read(path string) []byte {
	data, err := fetch(path)
	if err != nil {
		fail("%v", err)
	}
	return data
}

// The tiles of a directory. C2SP's paths are those of the checksum database without the height, and
// records are "entries" instead of "data".
type directory struct {
	path  string
	tiles map[string][]byte
}

func (d directory) file(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	if tile.L == -1 {
		path = "entries/" + strings.TrimPrefix(path, "data/")
	}
	return d.path + "/tile/" + path
}

func (d directory) Height() int { return tileHeight }

func (d directory) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, tile := range tiles {
		path := d.file(tile)
		if _, known := d.tiles[path]; !known {
			data, err := fetch(path)
			if err != nil {
				return nil, err
			}
			d.tiles[path] = data
		}
		out[i] = d.tiles[path]
	}
	return out, nil
}

func (d directory) SaveTiles([]tlog.Tile, [][]byte) {}

// The records of the bundles that a tree of `size` needs.
func (d directory) records(size int64) [][]byte {
	var out [][]byte
	for int64(len(out)) < size {
		width := size - int64(len(out))
		if width > tileWidth {
			width = tileWidth
		}
		tile := tlog.Tile{H: tileHeight, L: -1, N: int64(len(out)) / tileWidth, W: int(width)}
		data := read(d.file(tile))
		for i := int64(0); i < width; i++ {
			if len(data) < 2 || len(data)-2 < int(binary.BigEndian.Uint16(data)) {
				fail("%s: cut off in record %d", d.file(tile), len(out))
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			out = append(out, data[2:end])
			data = data[end:]
		}
		if len(data) > 0 {
			fail("%s: more than %d records", d.file(tile), width)
		}
	}
	return out
}

// A log that keeps all its hashes in memory.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = m[index]
	}
	return out, nil
}

// All hashes that records give, which must be those that the tiles have.
func hash(records [][]byte, tiles tlog.HashReader) memory {
	var stored memory
	for i, record := range records {
		hashes, err := tlog.StoredHashes(int64(i), record, stored)
		if err != nil {
			fail("record %d: %v", i, err)
		}
		stored = append(stored, hashes...)
	}
	for begin := 0; begin < len(stored); begin += tileWidth {
		var indexes []int64
		for i := begin; i < len(stored) && i < begin+tileWidth; i++ {
			indexes = append(indexes, int64(i))
		}
		theirs, err := tiles.ReadHashes(indexes)
		if err != nil {
			fail("tiles: %v", err)
		}
		for i, index := range indexes {
			if theirs[i] != stored[index] {
				level, n := tlog.SplitStoredHashIndex(index)
				fail("tiles: hash %d of level %d is not that of the records", n, level)
			}
		}
	}
	return stored
}

func root(stored memory, size int64) tlog.Hash {
	if size == 0 {
		return sha256.Sum256(nil)
	}
	hash, err := tlog.TreeHash(size, stored)
	if err != nil {
		fail("root of %d: %v", size, err)
	}
	return hash
}

// A witness's key, as the package note asks for verifiers of types that it does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }

func (c cosigner) Verify(text, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	message := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(c.key, []byte(message), signature[8:])
}

func parseCosigner(vkey string) note.Verifier {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		fail("witness: malformed key")
	}
	typed, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(typed) != 1+ed25519.PublicKeySize || typed[0] != 4 {
		fail("witness: no Ed25519 cosignature key")
	}
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), typed...))
	if hex.EncodeToString(id[:4]) != parts[1] {
		fail("witness: the key's id is another")
	}
	return cosigner{parts[0], binary.BigEndian.Uint32(id[:4]), typed[1:]}
}

// The log's keys: one, and others that took its place.
func readKeys(path string) []note.Verifier {
	var keys []note.Verifier
	for _, line := range strings.Split(strings.TrimSpace(string(read(path))), "\n") {
		key, err := note.NewVerifier(line)
		if err != nil {
			fail("key: %v", err)
		}
		keys = append(keys, key)
	}
	return keys
}

// The head, which one of the keys and each of the witnesses must have signed.
func open(head []byte, keys []note.Verifier, witnesses ...note.Verifier) tlog.Tree {
	opened, err := note.Open(head, note.VerifierList(append(witnesses, keys...)...))
	if err != nil {
		fail("head: %v", err)
	}
	signed := 0
	for _, signature := range opened.Sigs {
		for _, key := range keys {
			if signature.Name == key.Name() && signature.Hash == key.KeyHash() {
				signed++
			}
		}
	}
	if signed == 0 || len(opened.Sigs)-signed != len(witnesses) {
		fail("head: %d signatures of the log, %d of %d witnesses", signed, len(opened.Sigs)-signed, len(witnesses))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != keys[0].Name() {
		fail("head: not a checkpoint of %s", keys[0].Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || lines[1] != strconv.FormatInt(size, 10) {
		fail("head: size %q", lines[1])
	}
	hash, err := tlog.ParseHash(lines[2])
	if err != nil {
		fail("head: %v", err)
	}
	return tlog.Tree{N: size, Hash: hash}
}

func checkInclusion(records [][]byte, head tlog.Tree, stored memory) {
	for i, record := range records {
		proof, err := tlog.ProveRecord(head.N, int64(i), stored)
		if err != nil {
			fail("record %d: %v", i, err)
		}
		if err := tlog.CheckRecord(proof, head.N, head.Hash, int64(i), tlog.RecordHash(record)); err != nil {
			fail("record %d: %v", i, err)
		}
	}
}

// Every head is of this log, and so is what leads from each one to each later one.
func checkConsistency(heads []tlog.Tree, stored memory) {
	for i, older := range heads {
		if older.N > heads[len(heads)-1].N {
			fail("head over %d: there are fewer records", older.N)
		}
		if older.Hash != root(stored, older.N) {
			fail("head over %d: the root is another", older.N)
		}
		for _, newer := range heads[i+1:] {
			if newer.N < older.N {
				fail("head over %d: it comes after one over %d", newer.N, older.N)
			}
			if older.N == 0 {
				continue
			}
			proof, err := tlog.ProveTree(newer.N, older.N, stored)
			if err != nil {
				fail("heads over %d and %d: %v", older.N, newer.N, err)
			}
			if err := tlog.CheckTree(proof, newer.N, newer.Hash, older.N, older.Hash); err != nil {
				fail("heads over %d and %d: %v", older.N, newer.N, err)
			}
		}
	}
}

func parseHashes(fields []string) []tlog.Hash {
	var out []tlog.Hash
	for _, field := range fields {
		data, err := hex.DecodeString(field)
		if err != nil || len(data) != tlog.HashSize {
			fail("proof: malformed hash %q", field)
		}
		var hash tlog.Hash
		copy(hash[:], data)
		out = append(out, hash)
	}
	return out
}

func checkProof(line string, stored memory, records [][]byte) {
	fields := strings.Fields(line)
	a, _ := strconv.ParseInt(fields[1], 10, 64)
	b, _ := strconv.ParseInt(fields[2], 10, 64)
	proof := parseHashes(fields[3:])
	var err error
	if fields[0] == "inclusion" {
		err = tlog.CheckRecord(proof, b, root(stored, b), a, tlog.RecordHash(records[a]))
	} else {
		err = tlog.CheckTree(proof, b, root(stored, b), a, root(stored, a))
	}
	if err != nil {
		fail("%s: %v", line, err)
	}
}

// Those of a file, and the checkpoint behind them.
func readHeads(path string, keys []note.Verifier, checkpoint tlog.Tree) []tlog.Tree {
	var heads []tlog.Tree
	blocks := bytes.Split(bytes.TrimRight(read(path), "\n"), []byte("\n\n"))
	for i := 0; i+1 < len(blocks); i += 2 {
		text := bytes.Join(blocks[i:i+2], []byte("\n\n"))
		heads = append(heads, open(append(text, '\n'), keys))
	}
	if len(heads) == 0 {
		fail("%s: it holds no head", path)
	}
	return append(heads, checkpoint)
}

func main() {
	args := os.Args[1:]
	var witnesses []note.Verifier
	for len(args) > 1 && args[0] == "-witness" {
		witnesses = append(witnesses, parseCosigner(args[1]))
		args = args[2:]
	}
	if len(args) < 2 {
		fail("usage: check [-witness VKEY]... VKEY_FILE LOG_DIRECTORY [HEADS_FILE [PROOFS_FILE]]")
	}
	keys := readKeys(args[0])
	log := directory{path: args[1], tiles: map[string][]byte{}}
	head := open(read(log.path+"/checkpoint"), keys, witnesses...)
	records := log.records(head.N)
	stored := hash(records, tlog.TileHashReader(head, log))
	checkInclusion(records, head, stored)
	heads := []tlog.Tree{head}
	if len(args) > 2 {
		heads = readHeads(args[2], keys, head)
	}
	checkConsistency(heads, stored)
	proofs := 0
	if len(args) > 3 {
		for _, line := range strings.Split(strings.TrimSpace(string(read(args[3]))), "\n") {
			checkProof(line, stored, records)
			proofs++
		}
	}
	fmt.Printf("records %d, heads %d, proofs %d: all hold\n", len(records), len(heads), proofs)
}
