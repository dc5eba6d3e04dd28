// The index of the log: an SQLite file that says which records have which terms, made from the log
// alone. It is no evidence: whoever uses it reads the record.
//
//   auto index = IndexWriter::open("var");            // one process at a time: index.lock
//   index->begin();
//   while (...) index->add(body_of(index->next()), body_of);
//   index->commit();
//
//   auto lookup = IndexLookup::open("var");           // beside it
//   const auto ids = lookup->ids_of(Field::subject, "alice");
//   const auto last = lookup->last_of(ids, bundle);   // which records of a bundle have the term
//
// For each bundle of 256 records and each term that one of them has there is one row with the
// places of those that have it: a few bytes, or a bit for each record. For each bundle there is one
// with four bytes of each record's exchange. So a record takes some 20 bytes, and an entry of one
// B-tree is written once for many records.
//
// A lookup holds the file for one question at a time, so that the writer waits for none for long:
// of records below position() what it gives stays as it is, of later ones it may know more.
//
// One thread each. Errors: unavailable, code "index_unavailable"; code "index_damaged" where the
// file is of no use. After an error of a writer the object is of no use: destroy it and open anew.
#pragma once

#include "audit/merkle.h"
#include "audit/record_terms.h"
#include "audit/tiles.h"
#include "core/error.h"

#include <array>
#include <bit>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::audit {

// Of the tables and of what terms mean; a file of another one is begun anew.
inline constexpr int index_version = 2;

inline constexpr const char* index_damaged = "index_damaged";
inline constexpr const char* index_unavailable = "index_unavailable";

// Which records of a bundle.
class Places {
 public:
  void set(std::size_t place) noexcept { words_[place / 64] |= std::uint64_t{1} << place % 64; }
  [[nodiscard]] bool test(std::size_t place) const noexcept {
    return (words_[place / 64] >> place % 64 & 1) != 0;
  }
  [[nodiscard]] std::size_t count() const noexcept {
    std::size_t out = 0;
    for (const std::uint64_t word : words_) out += static_cast<std::size_t>(std::popcount(word));
    return out;
  }
  Places& operator&=(const Places& other) noexcept {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }
  Places& operator|=(const Places& other) noexcept {
    for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  bool operator==(const Places&) const = default;

  // Fewer than 32 as a byte each, ascending; else 32 bytes of bits.
  [[nodiscard]] std::string encode() const;
  [[nodiscard]] static Places decode(std::string_view bytes) noexcept;

 private:
  std::array<std::uint64_t, tile_width / 64> words_{};
};

// Records in the index, and the leaf's hash of the last one.
struct IndexPosition {
  std::uint64_t records = 0;
  std::string leaf{};
};

class IndexWriter {
 public:
  // The file is made where it is not there. One of another version is "index_damaged".
  [[nodiscard]] static core::Result<std::unique_ptr<IndexWriter>> open(
      const std::filesystem::path& directory);
  ~IndexWriter();

  [[nodiscard]] const IndexPosition& position() const noexcept;
  // The record that add() takes: after open() the first of the last bundle, which is written again.
  [[nodiscard]] std::uint64_t next() const noexcept;
  // The file and what is beside it are as this writer has left them. Cheap: two looks. Errors:
  // "index_unavailable" where the file is gone, "index_damaged" where somebody else has written to
  // it, or has put others in their places.
  [[nodiscard]] core::Result<void> untouched() const;

  [[nodiscard]] core::Result<void> begin();
  // The body of an earlier record, good until the next call.
  using Bodies = std::function<core::Result<std::string_view>(std::uint64_t seq)>;
  // A body that is no record has no terms. `intents` gives those that outcomes refer to, for what
  // these leave out. Errors: those of `intents`, too.
  [[nodiscard]] core::Result<void> add(std::string_view body, const Bodies& intents);
  [[nodiscard]] core::Result<void> commit();

 private:
  struct State;
  explicit IndexWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Takes the index away, so that it is made anew; `set_aside`: for whoever asks what was wrong.
[[nodiscard]] core::Result<void> remove_index(const std::filesystem::path& directory,
                                              bool set_aside);

class IndexLookup {
 public:
  // Absent: there is none of this version.
  [[nodiscard]] static core::Result<std::unique_ptr<IndexLookup>> open(
      const std::filesystem::path& directory);
  ~IndexLookup();

  [[nodiscard]] const IndexPosition& position() const noexcept;

  using Ids = std::vector<std::int64_t>;
  // Of the term; of scores, of all whose values lie in [score_min, score_max], and perhaps of more.
  [[nodiscard]] core::Result<Ids> ids_of(Field field, std::string_view value,
                                         std::int32_t score_min = 0, std::int32_t score_max = 0);

  struct Posting {
    std::uint64_t bundle = 0;
    Places places{};
  };
  // The last bundle up to `bundle` in which a record has one of the terms.
  [[nodiscard]] core::Result<std::optional<Posting>> last_of(std::span<const std::int64_t> ids,
                                                             std::uint64_t bundle);
  // The same of an exchange; a record of another one may be among them. Cost: four bytes for each
  // record up to there.
  [[nodiscard]] core::Result<std::optional<Posting>> last_of_exchange(std::string_view exchange,
                                                                      std::uint64_t bundle);
  // The bundles [first, end) outside of which no record has a time in [since, until).
  [[nodiscard]] core::Result<std::pair<std::uint64_t, std::uint64_t>> bundles_in(
      std::int64_t since_ns, std::int64_t until_ns);

 private:
  struct State;
  explicit IndexLookup(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace menshen::audit
