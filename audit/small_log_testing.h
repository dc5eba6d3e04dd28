// A log in memory, for tests of witnesses.
//
//   const SmallLog log("log");
//   store->add(to_text(log.from(0, 300)));          // its first head
//   store->add(to_text(log.from(300, 400)));
//
// Two of the same name and another `salt` are two histories, signed by one key. Tests only.
#pragma once

#include "audit/checkpoint.h"
#include "audit/merkle.h"
#include "audit/submission.h"
#include "audit/tiles.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace menshen::audit {

class SmallLog {
 public:
  explicit SmallLog(std::string name, std::string salt = {})
      : signer_(NoteSigner::from_seed(std::move(name), {9, 9, 9}).value()) {
    for (int i = 0; i < 600; ++i) leaves_.push_back(leaf_hash(salt + std::to_string(i)));
  }
  [[nodiscard]] const NoteVerifier& key() const { return signer_.verifier(); }
  [[nodiscard]] std::string note(std::uint64_t size) const {
    return sign_checkpoint({key().name(), size, root(size)}, signer_);
  }
  // With a line behind the root, which the signature covers too.
  [[nodiscard]] std::string extended_note(std::uint64_t size, const std::string& extension) const {
    return sign_note(checkpoint_text({key().name(), size, root(size)}) + extension + "\n", signer_);
  }
  [[nodiscard]] Hash root(std::uint64_t size) const {
    return size == 0 ? empty_root() : read_root(size, reader()).value();
  }
  [[nodiscard]] Submission from(std::uint64_t older, std::uint64_t newer) const {
    Submission out{older, {}, note(newer)};
    if (older > 0) out.proof = consistency_proof(older, newer, reader()).value();
    return out;
  }

 private:
  [[nodiscard]] NodeReader reader() const {
    return [this](const Subtree& subtree) -> core::Result<Hash> {
      return subtree_root(std::span(leaves_).subspan(subtree.index << subtree.level,
                                                     std::size_t{1} << subtree.level));
    };
  }
  NoteSigner signer_;
  std::vector<Hash> leaves_;
};

}  // namespace menshen::audit
