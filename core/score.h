// Scores: a number for a whole text, 0..1.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace menshen::core {

enum class Better : std::uint8_t { lower, higher };

// One per kind of score. Constant objects with static storage that scorers own: equal kinds are the
// same object, so pointers may be compared.
struct ScoreKind {
  std::string_view name;  // "toxicity": lower snake case, at most name_bytes_max, no other has it
  Better better = Better::lower;
  bool of_requests = true;  // which texts have it
  bool of_answers = true;
  bool by_sources = false;    // of answers that have sources alone
  std::string_view header{};  // an answer's score stands in it; empty: in none
  static constexpr std::size_t name_bytes_max = 64;
};

struct Score {
  const ScoreKind* kind = nullptr;
  float value = 0;
};

// Some of the kinds of scores.
class ScoreKinds {
 public:
  // The most kinds that a build may have.
  static constexpr std::size_t max = 8;

  [[nodiscard]] std::span<const ScoreKind* const> all() const noexcept {
    return {kinds_.data(), count_};
  }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] bool has(const ScoreKind& kind) const noexcept;
  void add(const ScoreKind& kind) noexcept;
  void add(const ScoreKinds& others) noexcept;
  // One of them is of answers that have sources.
  [[nodiscard]] bool any_by_sources() const noexcept;
  // Whatever the order in which they were added.
  friend bool operator==(const ScoreKinds& a, const ScoreKinds& b) noexcept;

 private:
  std::array<const ScoreKind*, max> kinds_{};
  std::size_t count_ = 0;
};

// At most one of a kind; a score that does not apply is absent.
class Scores {
 public:
  static constexpr std::size_t kinds_max = ScoreKinds::max;

  [[nodiscard]] std::span<const Score> all() const noexcept { return {scores_.data(), count_}; }
  [[nodiscard]] std::optional<float> get(const ScoreKind& kind) const noexcept;
  void set(const ScoreKind& kind, float value) noexcept;
  // Keeps of each kind the worse of both.
  void merge_worse(const Scores& other) noexcept;

 private:
  std::array<Score, kinds_max> scores_{};  // by name
  std::size_t count_ = 0;
};

}  // namespace menshen::core
