#include "audit/merkle.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <map>

namespace menshen::audit {
namespace {

using Json = nlohmann::json;

Json vectors() {
  std::ifstream file(MENSHEN_SOURCE_DIR "/audit/testdata/transparency.json");
  return Json::parse(file);
}

std::string text(const Json& json) { return json.get<std::string>(); }
std::string hex(const Hash& hash) { return core::to_hex(core::as_text(hash)); }
Hash hash_from(const std::string& text) { return *parse_hash(*core::from_hex(text)); }

std::vector<Hash> hashes_from(const Json& list) {
  std::vector<Hash> out;
  for (const std::string text : list) out.push_back(hash_from(text));
  return out;
}

// A tree that keeps every hash of a perfect subtree with the leaf that completes it.
class Tree {
 public:
  void add(std::string_view data) {
    frontier_.append(leaf_hash(data));
    std::vector<Hash> row{leaf_hash(data)};
    for (std::size_t n = rows_.size(); (n & 1) != 0; n >>= 1) {
      const std::size_t level = row.size() - 1;
      row.push_back(node_hash(rows_[rows_.size() - (std::size_t{1} << level)][level], row.back()));
    }
    rows_.push_back(std::move(row));
  }
  [[nodiscard]] const Frontier& frontier() const { return frontier_; }
  [[nodiscard]] NodeReader reader() const {
    return [this](const Subtree& node) -> core::Result<Hash> {
      return rows_.at(((node.index + 1) << node.level) - 1).at(node.level);
    };
  }

 private:
  Frontier frontier_;
  std::vector<std::vector<Hash>> rows_;
};

Tree tree_of_bytes(int leaves) {
  Tree tree;
  for (int i = 0; i < leaves; ++i) tree.add(std::string(1, static_cast<char>(i)));
  return tree;
}

TEST(Merkle, KnownHashes) {
  EXPECT_EQ(hex(leaf_hash("L123456")),
            "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56");
  EXPECT_EQ(hex(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Frontier().root(), empty_root());
}

TEST(Merkle, HashesFromOutsideHave32Bytes) {
  EXPECT_TRUE(parse_hash(std::string(32, 'x')));
  EXPECT_FALSE(parse_hash(""));
  EXPECT_FALSE(parse_hash(std::string(31, 'x')));
  EXPECT_FALSE(parse_hash(std::string(33, 'x')));
}

TEST(Merkle, ReferenceLeavesOfCertificateTransparency) {
  const Json ct = vectors()["merkle_ct_leaves"];
  Tree tree;
  EXPECT_EQ(hex(tree.frontier().root()), text(ct["roots"]["0"]));
  for (const std::string leaf : ct["leaves_hex"]) {
    tree.add(*core::from_hex(leaf));
    EXPECT_EQ(hex(tree.frontier().root()),
              text(ct["roots"][std::to_string(tree.frontier().size())]));
  }
  for (const Json& v : ct["inclusion"]) {
    const auto expected = hashes_from(v["proof"]);
    EXPECT_EQ(inclusion_proof(v["index"], v["size"], tree.reader()).value(), expected);
    EXPECT_TRUE(verify_inclusion(hash_from(v["leaf_hash"]), v["index"], v["size"], expected,
                                 hash_from(v["root"])));
  }
  for (const Json& v : ct["consistency"]) {
    const auto expected = hashes_from(v["proof"]);
    EXPECT_EQ(consistency_proof(v["old"], v["new"], tree.reader()).value(), expected);
    EXPECT_TRUE(verify_consistency(v["old"], v["new"], hash_from(v["old_root"]),
                                   hash_from(v["new_root"]), expected));
  }
}

std::string line(std::uint64_t a, std::uint64_t b, const std::vector<Hash>& proof) {
  std::string out = std::to_string(a) + " " + std::to_string(b);
  for (const Hash& hash : proof) out += " " + hex(hash);
  return out + "\n";
}

// A rolling hash over every root and every proof of all trees up to N leaves, as golang.org/x/mod
// computes them.
TEST(Merkle, AllRootsAndProofsUpToN) {
  const Json accumulated = vectors()["merkle_accumulated"];
  for (const int n : {130, 260}) {
    const Tree tree = tree_of_bytes(n);
    core::Sha256 roots;
    core::Sha256 inclusion;
    core::Sha256 consistency;
    for (std::uint64_t size = 1; size <= static_cast<std::uint64_t>(n); ++size) {
      roots.update(std::to_string(size) + " " + hex(read_root(size, tree.reader()).value()) + "\n");
      for (std::uint64_t i = 0; i < size; ++i) {
        inclusion.update(line(i, size, inclusion_proof(i, size, tree.reader()).value()));
      }
      for (std::uint64_t m = 1; m < size; ++m) {
        consistency.update(line(m, size, consistency_proof(m, size, tree.reader()).value()));
      }
    }
    const Json expected = accumulated[std::to_string(n)];
    EXPECT_EQ(hex(roots.finish()), text(expected["roots"]));
    EXPECT_EQ(hex(inclusion.finish()), text(expected["inclusion"]));
    EXPECT_EQ(hex(consistency.finish()), text(expected["consistency"]));
  }
}

TEST(Merkle, RootsOfManyLeaves) {
  const Json expected = vectors()["leaf_percent_d_roots"];
  Frontier tree;
  int seen = 0;
  for (int i = 0; i < 70'000; ++i) {
    tree.append(leaf_hash("leaf " + std::to_string(i)));
    const auto known = expected.find(std::to_string(tree.size()));
    if (known == expected.end()) continue;
    EXPECT_EQ(hex(tree.root()), text(*known)) << tree.size();
    ++seen;
  }
  EXPECT_EQ(seen, static_cast<int>(expected.size()) - 1);  // all but the one of a million leaves
}

TEST(Merkle, AFrontierReadBackGrowsLikeTheOneThatWasLeft) {
  for (int n = 0; n < 70; ++n) {
    const Tree tree = tree_of_bytes(n);
    Frontier again = read_frontier(static_cast<std::uint64_t>(n), tree.reader()).value();
    EXPECT_EQ(again.root(), tree.frontier().root());
    again.append(leaf_hash(std::string(1, static_cast<char>(n))));
    EXPECT_EQ(again.root(), tree_of_bytes(n + 1).frontier().root());
  }
}

// Every single change to a true proof must be refused: a flipped hash, one more, one fewer, two
// exchanged, another place, another size, another root.
TEST(Merkle, ChangedInclusionProofsAreRefused) {
  const Tree tree = tree_of_bytes(40);
  for (std::uint64_t size = 1; size <= 40; ++size) {
    const Hash root = read_root(size, tree.reader()).value();
    for (std::uint64_t i = 0; i < size; ++i) {
      const Hash leaf = tree.reader()({0, i}).value();
      const auto proof = inclusion_proof(i, size, tree.reader()).value();
      ASSERT_TRUE(verify_inclusion(leaf, i, size, proof, root));
      for (std::size_t at = 0; at < proof.size(); ++at) {
        auto changed = proof;
        changed[at][at % 32] ^= 1;
        EXPECT_FALSE(verify_inclusion(leaf, i, size, changed, root));
        changed = proof;
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(at));
        EXPECT_FALSE(verify_inclusion(leaf, i, size, changed, root));
      }
      auto longer = proof;
      longer.push_back(root);
      EXPECT_FALSE(verify_inclusion(leaf, i, size, longer, root));
      EXPECT_EQ(verify_inclusion(root, i, size, proof, leaf),
                size == 1);  // there leaf and root are one
      EXPECT_FALSE(verify_inclusion(leaf, i + 1, size, proof, root));
      EXPECT_FALSE(verify_inclusion(leaf, size, size, proof, root));
      EXPECT_FALSE(verify_inclusion(leaf, i, 0, proof, root));
    }
  }
}

TEST(Merkle, ChangedConsistencyProofsAreRefused) {
  const Tree tree = tree_of_bytes(40);
  for (std::uint64_t newer = 1; newer <= 40; ++newer) {
    const Hash newer_root = read_root(newer, tree.reader()).value();
    for (std::uint64_t older = 1; older <= newer; ++older) {
      const Hash older_root = read_root(older, tree.reader()).value();
      const auto proof = consistency_proof(older, newer, tree.reader()).value();
      ASSERT_TRUE(verify_consistency(older, newer, older_root, newer_root, proof));
      for (std::size_t at = 0; at < proof.size(); ++at) {
        auto changed = proof;
        changed[at][31] ^= 0x80;
        EXPECT_FALSE(verify_consistency(older, newer, older_root, newer_root, changed));
        changed = proof;
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(at));
        EXPECT_FALSE(verify_consistency(older, newer, older_root, newer_root, changed));
      }
      auto longer = proof;
      longer.push_back(newer_root);
      EXPECT_FALSE(verify_consistency(older, newer, older_root, newer_root, longer));
      if (older < newer) {
        EXPECT_FALSE(verify_consistency(older, newer, newer_root, older_root, proof));
        EXPECT_FALSE(verify_consistency(newer, older, newer_root, older_root, proof));
      }
      EXPECT_FALSE(verify_consistency(0, newer, older_root, newer_root, proof));
    }
  }
}

TEST(Merkle, ProofsOutsideTheTreeAreErrors) {
  const Tree tree = tree_of_bytes(4);
  EXPECT_FALSE(inclusion_proof(4, 4, tree.reader()));
  EXPECT_FALSE(consistency_proof(0, 4, tree.reader()));
  EXPECT_FALSE(consistency_proof(5, 4, tree.reader()));
}

}  // namespace
}  // namespace menshen::audit
