#include "audit/search.h"

#include "audit/index_file.h"
#include "audit/merkle.h"

#include <algorithm>
#include <utility>

namespace menshen::audit {
namespace {

using Posting = IndexLookup::Posting;

bool is_score(Field field) {
  return field == Field::score_request || field == Field::score_response;
}

// Whether a record is one of those that are asked for.
class Judge {
 public:
  explicit Judge(const Search& search) : search_(search) {}

  // The number of the intent without which it cannot be told; 0: of none.
  std::uint64_t read(std::string_view body) {
    is_record_ = record_.read(body);
    return record_.intent();
  }
  // False: it is no intent of the record's exchange, and says nothing of it.
  bool join(std::string_view intent) { return record_.join(intent); }

  // The record that was read last.
  bool wants() {
    if (!is_record_) return false;
    if (!search_.exchange.empty() && record_.exchange() != search_.exchange) return false;
    if (record_.time_ns() < search_.since_ns || record_.time_ns() >= search_.until_ns) return false;
    const auto has = [&](const auto& test) { return std::ranges::any_of(record_.terms(), test); };
    const bool all = std::ranges::all_of(search_.terms, [&](const Search::Wanted& wanted) {
      return has([&](const Term& term) {
        return term.field == wanted.field && term.value == wanted.value;
      });
    });
    return all && std::ranges::all_of(search_.scores, [&](const Search::ScoreRange& range) {
             return has([&](const Term& term) {
               return is_score(term.field) && term.value == range.name && term.score >= range.min &&
                      term.score <= range.max;
             });
           });
  }

 private:
  const Search& search_;
  RecordTerms record_;
  bool is_record_ = false;
};

// Bundles in which the index has records that may be meant, the newest first.
class Candidates {
 public:
  // Absent: there is no index that could be used.
  static core::Result<std::optional<Candidates>> of(const std::filesystem::path& directory,
                                                    const Search& search) {
    auto lookup = IndexLookup::open(directory);
    if (!lookup) return lookup.error();
    if (*lookup == nullptr) return std::optional<Candidates>{};
    Candidates out(std::move(*lookup), search);
    if (const auto begun = out.begin(); !begun) return begun.error();
    return std::optional<Candidates>(std::move(out));
  }

  [[nodiscard]] const IndexPosition& position() const { return lookup_->position(); }

  // Absent: there are no more.
  core::Result<std::optional<Posting>> next() {
    while (end_ > first_) {
      Posting meant{end_ - 1, every_place()};
      for (std::size_t i = 0; i <= wanted_.size() && meant.bundle + 1 == end_; ++i) {
        const auto found = last(i, meant.bundle);
        if (!found) return found.error();
        if (!*found) return std::optional<Posting>{};
        // None of those in between has any.
        if ((*found)->bundle < meant.bundle) end_ = (*found)->bundle + 1;
        meant.places &= (*found)->places;
      }
      if (meant.bundle + 1 != end_) continue;
      --end_;
      return std::optional(meant);
    }
    return std::optional<Posting>{};
  }

 private:
  Candidates(std::unique_ptr<IndexLookup> lookup, const Search& search)
      : lookup_(std::move(lookup)), search_(&search) {}

  core::Result<void> begin() {
    const std::uint64_t records = lookup_->position().records;
    const auto range = lookup_->bundles_in(search_->since_ns, search_->until_ns);
    if (!range) return range.error();
    first_ = range->first;
    end_ = std::min(range->second, (records + tile_width - 1) / tile_width);
    for (const Search::Wanted& wanted : search_->terms) {
      auto ids = lookup_->ids_of(wanted.field, wanted.value);
      if (!ids) return ids.error();
      wanted_.push_back(std::move(*ids));
    }
    for (const Search::ScoreRange& range_of : search_->scores) {
      IndexLookup::Ids all;
      for (const Field field : {Field::score_request, Field::score_response}) {
        const auto ids = lookup_->ids_of(field, range_of.name, range_of.min, range_of.max);
        if (!ids) return ids.error();
        all.insert(all.end(), ids->begin(), ids->end());
      }
      wanted_.push_back(std::move(all));
    }
    return {};
  }

  static Places every_place() {
    Places all;
    for (std::size_t place = 0; place < tile_width; ++place) all.set(place);
    return all;
  }

  // What is wanted first, the exchange last.
  core::Result<std::optional<Posting>> last(std::size_t i, std::uint64_t bundle) {
    if (i < wanted_.size()) return lookup_->last_of(wanted_[i], bundle);
    if (search_->exchange.empty()) return std::optional(Posting{bundle, every_place()});
    return lookup_->last_of_exchange(search_->exchange, bundle);
  }

  std::unique_ptr<IndexLookup> lookup_;
  const Search* search_;
  std::vector<IndexLookup::Ids> wanted_;
  std::uint64_t first_ = 0;
  std::uint64_t end_ = 0;
};

class Finder {
 public:
  Finder(LogReader& log, const Search& search) : log_(log), search_(search), judge_(search) {}

  // Those of the bundle whose numbers lie below `end` and whose places are meant.
  core::Result<void> take(std::uint64_t bundle, std::uint64_t first, std::uint64_t end,
                          const Places* places) {
    const auto batch = log_.read(first, static_cast<std::size_t>(end - first));
    if (!batch) return batch.error();
    if (const auto whole = check(*batch, first, end); !whole) return whole;
    for (auto record = batch->rbegin(); record != batch->rend() && !full(); ++record) {
      if (record->seq >= end || record->seq / tile_width != bundle) continue;
      if (places != nullptr && !places->test(record->seq % tile_width)) continue;
      const auto wanted = wants(*record, *batch);
      if (!wanted) return wanted.error();
    }
    return {};
  }

  // All of [first, end), bundle by bundle.
  core::Result<void> scan(std::uint64_t first, std::uint64_t end) {
    while (end > first && !full()) {
      const std::uint64_t bundle = (end - 1) / tile_width;
      const std::uint64_t from = std::max(first, bundle * tile_width);
      if (const auto taken = take(bundle, from, end, nullptr); !taken) return taken;
      end = from;
    }
    return {};
  }

  [[nodiscard]] bool full() const { return found_.size() >= search_.records_max; }
  [[nodiscard]] std::vector<StoredRecord>& found() { return found_; }
  [[nodiscard]] std::map<std::uint64_t, std::string>& intents() { return intents_; }

 private:
  // Keeps the record, and its intent, if it is one of those that are asked for.
  core::Result<bool> wants(const StoredRecord& record, const std::vector<StoredRecord>& near) {
    const std::uint64_t seq = judge_.read(record.body);
    core::Result<std::string> intent{std::string{}};
    if (seq > 0 && seq < record.seq) {
      const auto found = std::ranges::lower_bound(near, seq, {}, &StoredRecord::seq);
      const bool is_near = found != near.end() && found->seq == seq;
      intent = is_near ? found->body : log_.body(seq);
      if (!intent) return intent.error();
      if (!judge_.join(*intent)) intent->clear();
    }
    if (!judge_.wants()) return false;
    if (!intent->empty()) intents_.emplace(seq, std::move(*intent));
    found_.push_back(record);
    return true;
  }

  // "None was found" is an answer about all of them.
  static core::Result<void> check(const std::vector<StoredRecord>& batch, std::uint64_t first,
                                  std::uint64_t end) {
    std::uint64_t due = first;
    for (const StoredRecord& record : batch) due += record.seq == due ? 1 : 0;
    if (due >= end) return {};
    return core::gateway_error(
        core::ErrorKind::unavailable, "evidence_unreadable",
        "Record " + std::to_string(due) + " cannot be read: run `menshen audit verify`.");
  }

  LogReader& log_;
  const Search& search_;
  Judge judge_;
  std::vector<StoredRecord> found_;
  std::map<std::uint64_t, std::string> intents_;
};

// An index of another log, or of more than this one holds, is none.
bool fits(const IndexPosition& position, LogReader& log, std::uint64_t records) {
  if (position.records == 0 || position.records > records) return false;
  const auto last = log.read(position.records - 1, 1);
  return last && last->size() == 1 && last->front().seq == position.records - 1 &&
         core::as_text(leaf_hash(last->front().body)) == position.leaf;
}

// False: the index could not be read to its end.
core::Result<bool> take_candidates(Finder& finder, Candidates& candidates, std::uint64_t indexed) {
  while (!finder.full()) {
    const auto next = candidates.next();
    if (!next) return false;
    if (!*next) return true;
    const std::uint64_t first = (*next)->bundle * tile_width;
    const std::uint64_t end = std::min(first + tile_width, indexed);
    const auto taken = finder.take((*next)->bundle, first, end, &(*next)->places);
    if (!taken) return taken.error();
  }
  return true;
}

}  // namespace

core::Result<Found> search(const std::filesystem::path& directory, const Search& search) {
  // The index first: the log then has at least what is in it.
  auto candidates = Candidates::of(directory, search);
  auto log = LogReader::open(directory);
  if (!log) return log.error();
  const auto extent = log->extent();
  if (!extent) return extent.error();
  Found out{.records = {}, .log_records = extent->records, .indexed = 0};
  if (!search.scan && candidates && *candidates &&
      fits((*candidates)->position(), *log, extent->records))
    out.indexed = (*candidates)->position().records;
  Finder finder(*log, search);
  if (const auto done = finder.scan(out.indexed, extent->records); !done) return done.error();
  if (out.indexed > 0) {
    const std::size_t before = finder.found().size();
    const auto whole = take_candidates(finder, **candidates, out.indexed);
    if (!whole) return whole.error();
    if (!*whole) {
      finder.found().resize(before);
      if (const auto done = finder.scan(0, out.indexed); !done) return done.error();
      out.indexed = 0;
    }
  }
  out.records = std::move(finder.found());
  out.intents = std::move(finder.intents());
  return out;
}

}  // namespace menshen::audit
