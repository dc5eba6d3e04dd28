// What a Scanner is made of. For scanner.cpp and what it is divided into; see scanner.h.
//
// The readings of a text, and the way of a finding through them: what a reading finds waits until
// all have read so far, is put right by what they know of escapes and of JSON, and goes to the
// ledger, which releases.
#pragma once

#include "detectors/catalog.h"
#include "detectors/engine/dispatcher.h"
#include "detectors/engine/ledger.h"
#include "detectors/engine/reading.h"
#include "detectors/scanner.h"

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::detectors {

// Encodings in encodings that are decoded.
inline constexpr unsigned decoded_depth_max = 3;

struct Scanner::State {
  State(std::shared_ptr<const Catalog> source, unsigned encodings)
      : depth(encodings),
        catalog(std::move(source)),
        dispatcher(catalog->dispatcher()),
        number_reading(dispatcher, catalog->ignored(), catalog->of_lines()),
        ledger(dispatcher.told_types()) {
    readings.reserve(std::tuple_size_v<decltype(levels)> * 2);
  }

  void reset(std::span<const Literal> wanted);
  static constexpr std::size_t no_document = static_cast<std::size_t>(-1);
  core::Result<void> feed(std::string_view piece);
  core::Result<void> finish();
  core::Result<void> read(std::string_view piece);
  template <class Read>
  core::Result<void> once_failed(Read&& read);

  std::size_t fork(std::size_t from);
  void raise_level();
  core::Result<void> read_nested();
  core::Result<void> read_numbers(std::size_t reading);
  core::Result<void> read_number(const JsonPlaces::Spelled& number);
  core::Result<void> read_decoded(const Decoded& token);
  void settle();
  void place(core::Finding& finding) const;
  void avoid_escapes(core::Finding& finding) const;
  void cover_number(core::Finding& finding) const;
  [[nodiscard]] std::size_t whole_before(std::size_t position) const;
  [[nodiscard]] bool ended() const noexcept;

  const unsigned depth;  // how many encodings this text was found in
  const std::shared_ptr<const Catalog> catalog;
  const Dispatcher& dispatcher;
  Reading number_reading;
  // In the order of their forks. For each level of escapes: its plain reading, its styled one.
  std::vector<Reading> readings;
  std::size_t active = 1;
  struct Level {
    std::optional<std::size_t> plain;
    std::optional<std::size_t> styled;
  };
  std::array<Level, Decoder::level_max + 1> levels;
  unsigned level = 0;                // the highest
  std::vector<core::Finding> found;  // and not placed yet
  std::vector<core::Finding> found_in_number;
  std::span<const Literal> literals;
  std::unique_ptr<State> deeper;  // reads what was decoded; made when it is needed
  Ledger ledger;
  std::size_t text_bytes = 0;
  std::size_t document_begin = no_document;  // where a text that is JSON begins: no blank
  std::optional<core::Error> failure;
};

}  // namespace menshen::detectors
