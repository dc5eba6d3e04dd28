// Command check verifies a Menshen audit log with the Go checksum database's own code
// (golang.org/x/mod/sumdb/note and tlog), none of it ours.
//
//	check VKEY_FILE HEADS_FILE LEAVES_FILE [PROOFS_FILE]
//
// HEADS_FILE holds signed heads, each followed by an empty line; LEAVES_FILE one record per line, in
// base64; PROOFS_FILE lines "inclusion INDEX SIZE HASH..." and "consistency OLDER NEWER HASH...", hashes
// in hexadecimal. Every head's signature and root, and every proof, must hold.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, args ...interface{}) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

func read(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		fail("%v", err)
	}
	return string(data)
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

func load(path string) (memory, []tlog.Hash) {
	var stored memory
	var leaves []tlog.Hash
	scanner := bufio.NewScanner(strings.NewReader(read(path)))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		data, err := base64.StdEncoding.DecodeString(scanner.Text())
		if err != nil {
			fail("leaf %d: %v", len(leaves), err)
		}
		hashes, err := tlog.StoredHashes(int64(len(leaves)), data, stored)
		if err != nil {
			fail("leaf %d: %v", len(leaves), err)
		}
		stored = append(stored, hashes...)
		leaves = append(leaves, tlog.RecordHash(data))
	}
	return stored, leaves
}

func root(stored memory, size int64) tlog.Hash {
	hash, err := tlog.TreeHash(size, stored)
	if err != nil {
		fail("root of %d: %v", size, err)
	}
	return hash
}

func checkHead(text string, verifiers note.Verifiers, origin string, stored memory, leaves int) {
	opened, err := note.Open([]byte(text), verifiers)
	if err != nil {
		fail("head: %v", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != origin {
		fail("head: not a checkpoint of %s", origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size > int64(leaves) {
		fail("head: size %q of %d leaves", lines[1], leaves)
	}
	hash, err := tlog.ParseHash(lines[2])
	if err != nil {
		fail("head: %v", err)
	}
	if size > 0 && hash != root(stored, size) {
		fail("head over %d: the root is another", size)
	}
}

func hashes(fields []string) []tlog.Hash {
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

func checkProof(line string, stored memory, leaves []tlog.Hash) {
	fields := strings.Fields(line)
	a, _ := strconv.ParseInt(fields[1], 10, 64)
	b, _ := strconv.ParseInt(fields[2], 10, 64)
	proof := hashes(fields[3:])
	var err error
	if fields[0] == "inclusion" {
		err = tlog.CheckRecord(proof, b, root(stored, b), a, leaves[a])
	} else {
		err = tlog.CheckTree(proof, b, root(stored, b), a, root(stored, a))
	}
	if err != nil {
		fail("%s: %v", line, err)
	}
}

func main() {
	if len(os.Args) < 4 {
		fail("usage: check VKEY_FILE HEADS_FILE LEAVES_FILE [PROOFS_FILE]")
	}
	verifier, err := note.NewVerifier(strings.TrimSpace(read(os.Args[1])))
	if err != nil {
		fail("key: %v", err)
	}
	stored, leaves := load(os.Args[3])
	heads := 0
	blocks := strings.Split(strings.TrimRight(read(os.Args[2]), "\n"), "\n\n")
	for i := 0; i+1 < len(blocks); i += 2 {
		text := blocks[i] + "\n\n" + strings.TrimRight(blocks[i+1], "\n") + "\n"
		checkHead(text, note.VerifierList(verifier), verifier.Name(), stored, len(leaves))
		heads++
	}
	proofs := 0
	if len(os.Args) > 4 {
		for _, line := range strings.Split(strings.TrimSpace(read(os.Args[4])), "\n") {
			checkProof(line, stored, leaves)
			proofs++
		}
	}
	if heads == 0 {
		fail("no head was checked")
	}
	fmt.Printf("leaves %d, heads %d, proofs %d: all hold\n", len(leaves), heads, proofs)
}
