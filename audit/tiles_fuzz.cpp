// Bundles, tiles, their paths and proofs from whoever: what is taken apart gives the same bytes
// again, and of all proofs the right one alone is believed.
#include <cstdint>
#include <cstdlib>

#include "core/fuzz_canary.h"
#include "audit/proof.h"
#include "audit/tiles.h"

namespace {

using namespace menshen;
using namespace menshen::audit;

constexpr std::size_t leaves_max = 600;

void expect(bool condition) {
  if (!condition) std::abort();
}

void check_bundle(std::string_view input) {
  const Entries entries = split_entries(input);
  std::string again;
  for (const std::string_view body : entries.bodies) append_entry(again, body);
  if (core::fuzz_canary) expect(entries.bodies.size() < 3);  // planted: bundles are small
  expect(entries.whole ? again == input : input.starts_with(again) && again.size() < input.size());
}

void check_tile(std::string_view input) {
  const auto hashes = split_hashes(input);
  expect(hashes.has_value() == (input.size() % sizeof(Hash) == 0));
  if (hashes) expect(join_hashes(*hashes) == input);
}

void check_text(std::string_view input) {
  const auto proof = parse_proof(input);
  if (!proof) return;
  // An extra line is passed over; all else is as it was.
  const std::string text = to_text(*proof);
  const std::size_t first = input.find('\n') + 1;
  const bool extra = input.substr(first).starts_with("extra ");
  const std::size_t rest = extra ? input.find('\n', first) + 1 : first;
  expect(text == std::string(input.substr(0, first)).append(input.substr(rest)));
}

// What is read is what this program would write, and leads to no other file; all that it writes is
// read.
void check_path(std::string_view input) {
  if (const auto name = parse_tile_path(input)) {
    expect(path_of(*name) == input);
    expect(name->level < 8 && name->width >= 1 && name->width <= tile_width);
    expect(input.starts_with("tile/") && input.find("..") == input.npos);
  }
  if (input.size() < 8) return;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(input[i]); };
  TileName made{.entries = (byte(0) & 1) != 0, .width = byte(1) + std::uint64_t{1}};
  if (!made.entries) made.level = byte(0) / 2 % 8;
  const std::size_t index_end = 2U + byte(0) / 16U % 7U;
  for (std::size_t i = 2; i < index_end; ++i) made.index = made.index << 8U | byte(i);
  expect(parse_tile_path(path_of(made)) == made);
}

// Leaves of a small tree, all different.
const std::vector<Hash>& leaves() {
  static const auto made = [] {
    std::vector<Hash> out;
    for (std::size_t i = 0; i < leaves_max; ++i) out.push_back(leaf_hash(std::to_string(i)));
    return out;
  }();
  return made;
}

Hash root_of(std::uint64_t size) {
  Frontier tree;
  for (std::uint64_t i = 0; i < size; ++i) tree.append(leaves()[i]);
  return tree.root();
}

core::Result<Hash> node(const Subtree& subtree) {
  return subtree_root(
      std::span(leaves()).subspan(subtree.index << subtree.level, std::size_t{1} << subtree.level));
}

// The hashes of a proof, changed as the bytes say: a hash put in, taken out, or another.
std::vector<Hash> changed(std::vector<Hash> proof, std::string_view how) {
  for (; how.size() >= 3; how.remove_prefix(3)) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(how[i]); };
    const auto at = static_cast<std::ptrdiff_t>(byte(1) % (proof.size() + 1));
    const bool end = at == static_cast<std::ptrdiff_t>(proof.size());
    if (byte(0) % 3 == 0) {
      proof.insert(proof.begin() + at, leaves()[byte(2)]);
    } else if (!end && byte(0) % 3 == 1) {
      proof.erase(proof.begin() + at);
    } else if (!end) {
      proof[static_cast<std::size_t>(at)][byte(2) % sizeof(Hash)] ^= byte(0);
    }
  }
  return proof;
}

void check_proofs(std::string_view input) {
  if (input.size() < 6) return;
  const auto number = [&](std::size_t i) {
    return (std::uint64_t{static_cast<std::uint8_t>(input[i])} << 8U |
            static_cast<std::uint8_t>(input[i + 1])) %
           leaves_max;
  };
  const std::uint64_t newer = number(0) + 1;
  const std::uint64_t older = number(2) % newer + 1;
  const std::uint64_t index = number(4) % newer;
  const Hash root = root_of(newer);
  const auto way = inclusion_proof(index, newer, node).value();
  const auto other_way = changed(way, input.substr(6));
  expect(verify_inclusion(leaves()[index], index, newer, other_way, root) == (other_way == way));
  const auto growth = consistency_proof(older, newer, node).value();
  const auto other_growth = changed(growth, input.substr(6));
  expect(verify_consistency(older, newer, root_of(older), root, other_growth) ==
         (other_growth == growth));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_bundle(input);
  check_tile(input);
  check_text(input);
  check_path(input);
  check_proofs(input);
  return 0;
}
