#include "audit/merkle.h"

#include <bit>
#include <cstring>

namespace menshen::audit {
namespace {

// MTH(D[begin:end]) where begin is a multiple of the largest power of two below end - begin.
core::Result<Hash> range_hash(std::uint64_t begin, std::uint64_t end, const NodeReader& read) {
  const std::uint64_t count = end - begin;
  if (std::has_single_bit(count)) {
    const auto level = static_cast<unsigned>(std::countr_zero(count));
    return read({level, begin >> level});
  }
  const std::uint64_t half = std::bit_floor(count);
  const auto left = range_hash(begin, begin + half, read);
  if (!left) return left.error();
  const auto right = range_hash(begin + half, end, read);
  if (!right) return right.error();
  return node_hash(*left, *right);
}

// The largest power of two smaller than count, which is at least 2.
std::uint64_t split(std::uint64_t count) { return std::bit_floor(count - 1); }

core::Result<void> add(std::vector<Hash>& proof, const core::Result<Hash>& hash) {
  if (!hash) return hash.error();
  proof.push_back(*hash);
  return {};
}

core::Result<void> path(std::uint64_t index, std::uint64_t begin, std::uint64_t end,
                        const NodeReader& read, std::vector<Hash>& proof) {
  if (end - begin == 1) return {};
  const std::uint64_t middle = begin + split(end - begin);
  const bool left = index < middle;
  const auto inner =
      left ? path(index, begin, middle, read, proof) : path(index, middle, end, read, proof);
  if (!inner) return inner;
  return add(proof, left ? range_hash(middle, end, read) : range_hash(begin, middle, read));
}

// SUBPROOF of RFC 6962: `whole` says that D[begin:older] is a tree whose root the verifier knows
// already.
core::Result<void> subproof(std::uint64_t older, std::uint64_t begin, std::uint64_t end, bool whole,
                            const NodeReader& read, std::vector<Hash>& proof) {
  if (older == end) return whole ? core::Result<void>{} : add(proof, range_hash(begin, end, read));
  const std::uint64_t middle = begin + split(end - begin);
  if (older <= middle) {
    const auto inner = subproof(older, begin, middle, whole, read, proof);
    return inner ? add(proof, range_hash(middle, end, read)) : inner;
  }
  const auto inner = subproof(older, middle, end, false, read, proof);
  return inner ? add(proof, range_hash(begin, middle, read)) : inner;
}

core::Error bad_range(const char* what) {
  return core::gateway_error(core::ErrorKind::invalid_request, "invalid_proof_range", what);
}

}  // namespace

Hash leaf_hash(std::string_view data) {
  return core::sha256_joined({std::string_view{"\0", 1}, data});
}

Hash node_hash(const Hash& left, const Hash& right) {
  return core::sha256_joined({"\1", core::as_text(left), core::as_text(right)});
}

Hash empty_root() { return core::sha256_joined({}); }

std::optional<Hash> parse_hash(std::string_view bytes) {
  Hash hash;
  if (bytes.size() != hash.size()) return std::nullopt;
  std::memcpy(hash.data(), bytes.data(), hash.size());
  return hash;
}

void Frontier::append(const Hash& leaf) {
  Hash hash = leaf;
  for (std::uint64_t n = size_; (n & 1) != 0; n >>= 1) {
    hash = node_hash(peaks_.back(), hash);
    peaks_.pop_back();
  }
  peaks_.push_back(hash);
  ++size_;
}

Hash Frontier::root() const {
  if (peaks_.empty()) return empty_root();
  Hash hash = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i-- > 0;) hash = node_hash(peaks_[i], hash);
  return hash;
}

std::vector<Subtree> peaks_of(std::uint64_t size) {
  std::vector<Subtree> peaks;
  std::uint64_t begin = 0;
  for (unsigned level = 64; level-- > 0;) {
    if ((size >> level & 1) == 0) continue;
    peaks.push_back({level, begin >> level});
    begin += std::uint64_t{1} << level;
  }
  return peaks;
}

core::Result<Frontier> read_frontier(std::uint64_t size, const NodeReader& read) {
  std::vector<Hash> peaks;
  for (const Subtree& peak : peaks_of(size)) {
    const auto hash = read(peak);
    if (!hash) return hash.error();
    peaks.push_back(*hash);
  }
  return Frontier(size, std::move(peaks));
}

core::Result<Hash> read_root(std::uint64_t size, const NodeReader& read) {
  const auto frontier = read_frontier(size, read);
  if (!frontier) return frontier.error();
  return frontier->root();
}

core::Result<std::vector<Hash>> inclusion_proof(std::uint64_t index, std::uint64_t size,
                                                const NodeReader& read) {
  if (index >= size) return bad_range("The index lies past the end of the tree.");
  std::vector<Hash> proof;
  const auto done = path(index, 0, size, read, proof);
  if (!done) return done.error();
  return proof;
}

core::Result<std::vector<Hash>> consistency_proof(std::uint64_t older, std::uint64_t newer,
                                                  const NodeReader& read) {
  if (older == 0 || older > newer)
    return bad_range("The older tree must be neither empty nor larger.");
  std::vector<Hash> proof;
  const auto done = subproof(older, 0, newer, true, read, proof);
  if (!done) return done.error();
  return proof;
}

bool verify_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                      std::span<const Hash> proof, const Hash& root) {
  if (index >= size) return false;
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Hash hash = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      hash = node_hash(sibling, hash);
      for (; (node & 1) == 0 && node != 0; node >>= 1) last >>= 1;
    } else {
      hash = node_hash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

bool verify_consistency(std::uint64_t older, std::uint64_t newer, const Hash& older_root,
                        const Hash& newer_root, std::span<const Hash> proof) {
  if (older == 0 || older > newer) return false;
  if (older == newer) return proof.empty() && older_root == newer_root;
  std::size_t next = 0;
  if (!std::has_single_bit(older) && proof.empty()) return false;
  Hash older_hash = std::has_single_bit(older) ? older_root : proof[next++];
  Hash newer_hash = older_hash;
  const int shift = std::countr_one(older - 1);
  std::uint64_t node = (older - 1) >> shift;
  std::uint64_t last = (newer - 1) >> shift;
  for (; next < proof.size(); ++next) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      older_hash = node_hash(proof[next], older_hash);
      newer_hash = node_hash(proof[next], newer_hash);
      for (; (node & 1) == 0 && node != 0; node >>= 1) last >>= 1;
    } else {
      newer_hash = node_hash(newer_hash, proof[next]);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && older_hash == older_root && newer_hash == newer_root;
}

}  // namespace menshen::audit
