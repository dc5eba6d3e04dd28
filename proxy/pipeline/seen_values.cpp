#include "proxy/pipeline/seen_values.h"

#include "core/limits.h"

#include <boost/intrusive/list.hpp>
#include <boost/intrusive/set.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <new>
#include <string>

namespace menshen::pipeline {
namespace {

namespace bi = boost::intrusive;

using SeenKey = std::array<std::uint8_t, 16>;

SeenKey cut(const core::Digest& digest) noexcept {
  SeenKey key;
  std::copy_n(digest.begin(), key.size(), key.begin());
  return key;
}

struct SeenKeyHash {
  std::size_t operator()(const SeenKey& key) const noexcept {
    std::size_t hash = 0;
    std::memcpy(&hash, key.data(), sizeof hash);
    return hash;
  }
};

using Unsafe = bi::link_mode<bi::normal_link>;  // lists and their members end together
struct AgeTag;
struct OwnTag;
struct Holder;

struct SeenValue : bi::list_base_hook<bi::tag<AgeTag>, Unsafe>,
                   bi::list_base_hook<bi::tag<OwnTag>, Unsafe> {
  SeenKey key{};
  std::int64_t given_ns = 0;
  Holder* holder = nullptr;
};
using ByAge = bi::list<SeenValue, bi::base_hook<bi::list_base_hook<bi::tag<AgeTag>, Unsafe>>>;
using OwnValues = bi::list<SeenValue, bi::base_hook<bi::list_base_hook<bi::tag<OwnTag>, Unsafe>>>;

// A subject that has values.
struct Holder : bi::set_base_hook<Unsafe> {
  SeenKey key{};
  OwnValues values;  // oldest first
  friend bool operator<(const Holder& a, const Holder& b) noexcept {
    return a.values.size() < b.values.size();
  }
};

}  // namespace

struct SeenValues::Part {
  mutable std::mutex mutex;
  std::unordered_map<SeenKey, SeenValue, SeenKeyHash> values;
  std::unordered_map<SeenKey, Holder, SeenKeyHash> holders;
  bi::multiset<Holder> by_count;
  ByAge by_age;  // oldest first
  Stats forgotten;

  void remember(const SeenKey& subject, const SeenKey& key, std::int64_t now_ns) {
    const auto [at, is_new] = values.try_emplace(key);
    SeenValue& value = at->second;
    if (is_new) {
      try {
        value.holder = &holder_of(subject);
      } catch (...) {
        values.erase(at);
        throw;
      }
      value.key = key;
      count(*value.holder, [&](OwnValues& own) { own.push_back(value); });
    } else {
      by_age.erase(by_age.iterator_to(value));
      OwnValues& own = value.holder->values;
      own.splice(own.end(), own, own.iterator_to(value));
    }
    value.given_ns = now_ns;
    by_age.push_back(value);
  }

  // The newest value, of `subject`, has been remembered.
  void keep_bounds(const SeenKey& subject, const Options& options, std::int64_t now_ns) {
    while (!by_age.empty() && now_ns - by_age.front().given_ns > options.lifetime_ns) {
      forget(by_age.front());
      ++forgotten.aged;
    }
    const auto found = holders.find(subject);
    if (found == holders.end()) return;
    Holder& newest = found->second;
    if (newest.values.size() > options.subject_values_max) {
      forget(newest.values.front());
      ++forgotten.displaced;
    }
    if (values.size() > std::max<std::size_t>(options.values_max / options.parts, 1)) {
      // Among those that have as many the newest pays for itself.
      Holder& most = *by_count.rbegin();
      forget((newest < most ? most : newest).values.front());
      ++forgotten.crowded_out;
    }
  }

 private:
  Holder& holder_of(const SeenKey& subject) {
    const auto [at, is_new] = holders.try_emplace(subject);
    if (is_new) {
      at->second.key = subject;
      by_count.insert(at->second);
    }
    return at->second;
  }

  template <class Change>
  void count(Holder& holder, Change change) {
    by_count.erase(by_count.iterator_to(holder));
    change(holder.values);
    by_count.insert(holder);
  }

  void forget(SeenValue& value) {
    Holder& holder = *value.holder;
    count(holder, [&](OwnValues& own) { own.erase(own.iterator_to(value)); });
    by_age.erase(by_age.iterator_to(value));
    values.erase(SeenKey(value.key));
    if (!holder.values.empty()) return;
    by_count.erase(by_count.iterator_to(holder));
    holders.erase(SeenKey(holder.key));
  }
};

SeenValues::SeenValues(const Options& options, const core::Clock& clock)
    : options_(options),
      clock_(clock),
      secret_(core::random_bytes(32)),
      parts_(std::make_unique<Part[]>(options.parts)) {}
SeenValues::~SeenValues() = default;

core::Digest SeenValues::digest_of(const core::Subject& subject) const {
  std::string named(1, static_cast<char>(subject.kind));
  return core::hmac_sha256(secret_, named.append(subject.id));
}

SeenValues::Part& SeenValues::part_of(const core::Digest& subject) const {
  return parts_[subject.back() % options_.parts];
}

void SeenValues::remember(const core::Subject& subject,
                          std::span<const core::Digest> values) noexcept {
  try {
    const core::Digest of = digest_of(subject);
    const std::int64_t now_ns = clock_.monotonic_ns();
    Part& part = part_of(of);
    for (const core::Digest& value : values) {
      const SeenKey key = cut(core::hmac_sha256(core::as_text(of), core::as_text(value)));
      const std::lock_guard lock(part.mutex);
      part.remember(cut(of), key, now_ns);
      part.keep_bounds(cut(of), options_, now_ns);
    }
  } catch (const std::bad_alloc&) {
    // A caller who sends them back is refused.
  }
}

bool SeenValues::knows(const core::Subject& subject, const core::Digest& value) const {
  const core::Digest of = digest_of(subject);
  const SeenKey key = cut(core::hmac_sha256(core::as_text(of), core::as_text(value)));
  const Part& part = part_of(of);
  const std::int64_t now_ns = clock_.monotonic_ns();
  const std::lock_guard lock(part.mutex);
  const auto found = part.values.find(key);
  return found != part.values.end() && now_ns - found->second.given_ns <= options_.lifetime_ns;
}

SeenValues::Stats SeenValues::stats() const {
  Stats sum;
  for (std::size_t i = 0; i < options_.parts; ++i) {
    const Part& part = parts_[i];
    const std::lock_guard lock(part.mutex);
    sum.values += part.values.size();
    sum.aged += part.forgotten.aged;
    sum.displaced += part.forgotten.displaced;
    sum.crowded_out += part.forgotten.crowded_out;
  }
  return sum;
}

void AnswerValues::add(std::string_view text, std::uint32_t block) {
  const bool is_full = whole_.size() + pieces_.size() >= core::answer_seen_values_max;
  if (block == 0) {
    if (!is_full) whole_.push_back(core::sha256(text));
    return;
  }
  auto found = pieces_.find(block);
  if (found == pieces_.end()) {
    if (is_full) return;
    found = pieces_.try_emplace(block).first;
  }
  found->second.update(text);
}

std::vector<core::Digest> AnswerValues::finish() {
  for (auto& [block, value] : pieces_) whole_.push_back(value.finish());
  pieces_.clear();
  return std::move(whole_);
}

}  // namespace menshen::pipeline
