// The Merkle tree of RFC 6962 section 2.1 (the same in RFC 9162 section 2.1): hashes, growth,
// proofs.
//
//   Frontier tree;
//   tree.append(leaf_hash("record"));
//   const Hash head = tree.root();
//
// Pure functions and values; a Frontier belongs to one thread. A perfect subtree is named (level,
// index): its 2^level leaves begin at index * 2^level. Every hash is exactly 32 bytes by its type:
// hashes that come from outside pass through parse_hash. A proof is judged against a root whose
// signature was checked before.
#pragma once

#include "core/digest.h"
#include "core/error.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace menshen::audit {

using Hash = core::Digest;

[[nodiscard]] Hash leaf_hash(std::string_view data);  // SHA-256(0x00 || data)
[[nodiscard]] Hash node_hash(const Hash& left,
                             const Hash& right);  // SHA-256(0x01 || left || right)
[[nodiscard]] Hash empty_root();                  // SHA-256("")
[[nodiscard]] std::optional<Hash> parse_hash(std::string_view bytes);  // absent unless of 32 bytes

// The right edge of a tree that grows: the roots of its perfect subtrees.
class Frontier {
 public:
  Frontier() = default;
  // `peaks`: roots of the perfect subtrees of a tree of `size` leaves, largest first; see
  // peaks_of().
  Frontier(std::uint64_t size, std::vector<Hash> peaks) : size_(size), peaks_(std::move(peaks)) {}

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] const std::vector<Hash>& peaks() const noexcept { return peaks_; }
  void append(const Hash& leaf);
  [[nodiscard]] Hash root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Hash> peaks_;
};

struct Subtree {
  unsigned level = 0;
  std::uint64_t index = 0;
  bool operator==(const Subtree&) const = default;
};

// The perfect subtrees that make up a tree of `size` leaves, largest (leftmost) first.
[[nodiscard]] std::vector<Subtree> peaks_of(std::uint64_t size);

// Gives the hash of a complete perfect subtree, from wherever it is stored.
using NodeReader = std::function<core::Result<Hash>(const Subtree&)>;

[[nodiscard]] core::Result<Frontier> read_frontier(std::uint64_t size, const NodeReader& read);
[[nodiscard]] core::Result<Hash> read_root(std::uint64_t size, const NodeReader& read);

// PATH(index, D[0:size]), index < size.
[[nodiscard]] core::Result<std::vector<Hash>> inclusion_proof(std::uint64_t index,
                                                              std::uint64_t size,
                                                              const NodeReader& read);
// PROOF(older, D[0:newer]), 1 <= older <= newer; empty when they are equal.
[[nodiscard]] core::Result<std::vector<Hash>> consistency_proof(std::uint64_t older,
                                                                std::uint64_t newer,
                                                                const NodeReader& read);

// RFC 9162 section 2.1.3.2. False for anything that is not exactly the proof.
[[nodiscard]] bool verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                                    std::span<const Hash> proof, const Hash& root);
// RFC 9162 section 2.1.4.2. A tree of no leaves has no consistency proof: `older` = 0 is refused.
[[nodiscard]] bool verify_consistency(std::uint64_t older, std::uint64_t newer,
                                      const Hash& older_root, const Hash& newer_root,
                                      std::span<const Hash> proof);

}  // namespace menshen::audit
