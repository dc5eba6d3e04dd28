// Holds texts that records name by the SHA-256 of their bytes to their names: a folder of files
// HASH.EXTENSION.
//
//   TextAudit policies({directory / "policies", ".yaml", "policy"});
//   if (const auto wrong = policies.check(record.policy)) report(wrong->what);
//
// Each text is read once, however many records name it. One thread. Memory: the last
// texts_remembered_max names, and one text of texts_bytes_max.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <unordered_set>

namespace menshen::audit {

inline constexpr std::size_t texts_remembered_max = 4'096;
inline constexpr std::uint64_t text_bytes_max = 16 * 1024 * 1024;

struct TextFolder {
  std::filesystem::path path;
  std::string extension;  // with its dot
  std::string of;         // what a text is: "policy"
};

class TextAudit {
 public:
  explicit TextAudit(TextFolder folder) : folder_(std::move(folder)) {}

  struct Wrong {
    bool missing = false;  // else altered, or it cannot be read
    std::string what;      // a sentence
  };
  // What is wrong with the text of this hash, the first time that it is asked about. What is no
  // hash names none.
  [[nodiscard]] std::optional<Wrong> check(const std::string& hash);
  // Of the texts that were read since the last call.
  [[nodiscard]] std::uint64_t take_bytes_read() noexcept;

 private:
  [[nodiscard]] std::optional<Wrong> compare(const std::string& hash);

  const TextFolder folder_;
  std::unordered_set<std::string> known_;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace menshen::audit
