#include "detectors/api_key/formats.h"
#include "detectors/detector.h"
#include "detectors/values/boundary.h"
#include "detectors/values/placeholder.h"
#include "detectors/values/prefix_index.h"
#include "detectors/values/token.h"

#include <algorithm>
#include <array>

namespace menshen::detectors {
namespace {

using api_key::Format;
using api_key::MarkedFormat;

constexpr std::string_view openai_mark =
    "T3BlbkFJ";  // base64 of "OpenAI", in the middle of older keys

// id.secret: nothing but the lengths tells it.
constexpr std::size_t zhipu_id = 32;
constexpr std::size_t zhipu_secret = 16;

// Not so many characters without a digit by chance.
constexpr std::size_t digit_due = 32;
constexpr std::size_t digit_due_in_capitals = 20;

bool is_key(std::string_view key, bool letters_alone = false) {
  if (!looks_random(key) || is_mask(key) || is_template(key)) return false;
  if (letters_alone || std::ranges::any_of(key, is_digit)) return true;
  const bool small = std::ranges::any_of(key, is_lower);
  return std::ranges::any_of(key, is_upper) &&
         key.size() < (small ? digit_due : digit_due_in_capitals);
}

// "video_box.ico-7a388b": a short prefix that is the ending of a file's name.
bool ends_file_name(std::string_view text, std::size_t at, std::string_view prefix) {
  constexpr std::size_t ending_max = 4;
  return prefix.size() <= ending_max && at >= 2 && text[at - 1] == '.' && is_alnum(text[at - 2]);
}

class ApiKey final : public Detector {
 public:
  ApiKey() {
    for (const Format& format : api_key::formats()) {
      prefixes_.push_back(format.prefix);
      (format.stands_glued() ? glued_ : apart_).push_back(format.prefix);
    }
    for (const MarkedFormat& format : api_key::marked_formats()) marks_.push_back(format.mark);
    glued_.insert(glued_.end(), marks_.begin(), marks_.end());
    prefix_index_ = PrefixIndex(prefixes_);
    mark_index_ = PrefixIndex(marks_);
    triggers_ = {
        Trigger{.bytes_min = 16, .literals = apart_},
        Trigger{.bytes_min = 16, .literals = glued_, .inside = true},
        Trigger{
            .bytes_min = zhipu_id + 1 + zhipu_secret, .digits_min = 4, .content = run_class::dot}};
  }

  std::string_view name() const noexcept override { return "api_key"; }
  unsigned version() const noexcept override { return 3; }
  std::span<const core::FindingType* const> types() const noexcept override {
    return api_key::all_types();
  }
  std::span<const Trigger> triggers() const noexcept override { return triggers_; }

  core::Result<void> scan(const Window& window, Matches& matches) const override {
    for (std::size_t at = window.text.find('.', window.begin); at < window.text.size();
         at = window.text.find('.', at + 1)) {
      try_zhipu(window, at, matches);
    }
    for (std::size_t at = window.begin; at < window.text.size(); ++at) {
      mark_index_.for_each_at(window.text, at, [&](std::size_t number) {
        return !try_mark(window, at, api_key::marked_formats()[number], matches);
      });
    }
    for (std::size_t at = window.begin; at < window.owned_end; ++at) {
      prefix_index_.for_each_at(window.text, at, [&](std::size_t number) {
        const Format& format = api_key::formats()[number];
        const bool stands = begins_token(window.text, at) || format.stands_glued();
        return !stands || ends_file_name(window.text, at, format.prefix) ||
               !try_prefix(window, at, format, matches);
      });
    }
    return {};
  }

 private:
  static bool try_prefix(const Window& window, std::size_t at, const Format& format,
                         Matches& matches) {
    const std::string_view text = window.text;
    const std::size_t body = at + format.prefix.size();
    std::size_t bytes = token_bytes(text, body, format.set);
    const bool exact = format.bytes_min == format.bytes_max;
    // Characters that join words end no key, but one of a fixed length.
    while (!(exact && bytes == format.bytes_min) && bytes > 0 &&
           !is_alnum(text[body + bytes - 1])) {
      --bytes;
    }
    const std::string_view key = text.substr(body, bytes);
    if (bytes < format.bytes_min || !is_key(key, format.letters_alone)) return false;
    const std::size_t end = body + bytes;
    const core::FindingType& type = type_of(format, key);
    if (format.bytes_max == 0) {
      matches.add_open(type, at, end, format.confidence, extend_token, {format.set});
      return true;
    }
    if (bytes > format.bytes_max || is_alnum(window.at(end))) return false;
    if (format.form != nullptr && !format.form(key)) return false;
    matches.add(type, at, end, format.confidence);
    return true;
  }

  static bool try_mark(const Window& window, std::size_t at, const MarkedFormat& format,
                       Matches& matches) {
    const std::string_view text = window.text;
    std::size_t begin = at;
    while (begin > 0 && at - begin <= format.before_max &&
           in_set(text[begin - 1], format.before_set)) {
      --begin;
    }
    const std::size_t before = at - begin;
    if (before < format.before_min || before > format.before_max || !window.owns(begin)) {
      return false;
    }
    const std::size_t behind = at + format.mark.size();
    const std::size_t after = token_bytes(text, behind, format.after_set);
    const std::size_t end = behind + after;
    if (after < format.after_min || after > format.after_max || is_alnum(window.at(end)) ||
        !begins_token(text, begin) || !is_key(text.substr(begin, end - begin))) {
      return false;
    }
    matches.add(*format.type, begin, end, format.confidence);
    return true;
  }

  static void try_zhipu(const Window& window, std::size_t dot, Matches& matches) {
    const std::string_view text = window.text;
    if (dot < zhipu_id || !window.owns(dot - zhipu_id)) return;
    const std::size_t begin = dot - zhipu_id;
    const std::string_view id = text.substr(begin, zhipu_id);
    const std::string_view secret = text.substr(dot + 1, zhipu_secret);
    const std::size_t end = dot + 1 + zhipu_secret;
    if (secret.size() != zhipu_secret || !begins_token(text, begin) || is_alnum(window.at(end)) ||
        window.at(end) == '.' || !std::ranges::all_of(secret, is_alnum) ||
        !std::ranges::all_of(id, [](char c) { return is_hex(c) && !is_upper(c); })) {
      return;
    }
    const bool mixed = std::ranges::any_of(secret, is_upper) &&
                       std::ranges::any_of(secret, is_lower) && looks_random(id);
    if (mixed) matches.add(api_key::types::llm, begin, end, 0.95F);
  }

  static const core::FindingType& type_of(const Format& format, std::string_view key) {
    if (format.prefix == "sk-" && key.find(openai_mark) != key.npos) return api_key::types::openai;
    return *format.type;
  }

  std::vector<std::string_view> prefixes_;  // of formats(), in their order
  std::vector<std::string_view> marks_;     // of marked_formats()
  std::vector<std::string_view> apart_;     // prefixes that begin a token, and others
  std::vector<std::string_view> glued_;
  PrefixIndex prefix_index_;
  PrefixIndex mark_index_;
  std::array<Trigger, 3> triggers_;
};

}  // namespace

const Detector& api_key_detector() {
  static const ApiKey detector;
  return detector;
}

}  // namespace menshen::detectors
