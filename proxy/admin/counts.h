// What exchanges are counted by. Each thread has counts of its own; a scrape adds them up.
//
//   Counts mine;
//   mine.add(closed);            // an exchange has ended
//   Counts all;
//   all.add(mine);
//   all.expose(out);
//
// One thread at a time. Internal to proxy/admin.
#pragma once

#include "proxy/admin/distribution.h"
#include "proxy/admin/exposition.h"
#include "proxy/pipeline/gateway.h"

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace menshen::admin {

// Counters of one family, by the values of its labels.
class LabelledCounts {
 public:
  void add(std::initializer_list<std::string_view> values, std::uint64_t n);
  void add(const LabelledCounts& other);
  // Forgets the series whose value at this place is not in `names`.
  void keep(std::size_t place, const std::set<std::string, std::less<>>& names);
  // A series for each, in the order of their values.
  void expose(Family family, Exposition& out) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  // By the values, each with a line feed, which no name has.
  std::unordered_map<std::string, std::uint64_t, Hash, std::equal_to<>> counts_;
  std::string key_;
};

class Counts {
 public:
  void add(const pipeline::Closed& exchange);
  void add(const Counts& other);
  // Forgets the counts of all rules but these.
  void keep_rules(const std::set<std::string, std::less<>>& ids) { rules_.keep(rule_place, ids); }
  void expose(Exposition& out) const;

 private:
  static constexpr std::size_t rule_place = 2;  // among the labels of rules_
  // How exchanges ended.
  struct Outcome {
    std::uint32_t status;
    std::string error;
    std::string decision;
    std::uint64_t count;
  };
  // What exchanges of one API and one model have in common.
  struct Series {
    Series();
    void add(const audit::Record& record);
    void add(std::uint32_t status, std::string_view error, std::string_view decision,
             std::uint64_t n);
    void add(const Series& other);
    Distribution duration;
    Distribution overhead;
    Distribution first_token;
    Distribution input_tokens;
    Distribution output_tokens;
    std::vector<Outcome> outcomes;  // those that were seen: few
  };
  using ByModel = std::map<std::string, Series, std::less<>>;

  Series& series_of(std::string_view api, std::string_view model);
  void add_rules(const audit::Record& record);
  void add_scores(const audit::Record& record);
  void expose_outcomes(Exposition& out) const;
  void expose_times(Exposition& out) const;
  void expose_tokens(Exposition& out) const;
  void expose_scores(Exposition& out) const;

  std::map<std::string, ByModel, std::less<>> series_;  // by API
  LabelledCounts findings_;
  LabelledCounts opaque_;
  LabelledCounts unread_forwarded_;
  LabelledCounts redactions_;
  LabelledCounts pseudonyms_;
  LabelledCounts restored_;
  LabelledCounts rules_;
  std::map<std::string, Distribution, std::less<>> scores_request_;  // by the score's name
  std::map<std::string, Distribution, std::less<>> scores_response_;
  std::uint64_t unrecorded_ = 0;
  std::uint64_t failed_open_ = 0;
  std::uint64_t scanned_bytes_ = 0;
};

}  // namespace menshen::admin
