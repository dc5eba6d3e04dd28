#include "proxy/pipeline/restore.h"

#include "core/hex.h"

#include <deque>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace menshen::pipeline {
namespace {

std::string html_escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out.append("&amp;"); break;
      case '<': out.append("&lt;"); break;
      case '>': out.append("&gt;"); break;
      case '"': out.append("&quot;"); break;
      case '\'': out.append("&#39;"); break;
      default: out.push_back(c);
    }
  }
  return out;
}

bool is_unreserved(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view("-._~").find(c) != std::string_view::npos;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
    } else {
      core::append_percent_encoded(out, c);
    }
  }
  return out;
}

std::string written_as(PlaceholderForm form, const std::string& value) {
  switch (form) {
    case PlaceholderForm::html: return html_escaped(value);
    case PlaceholderForm::url: return percent_encoded(value);
    case PlaceholderForm::plain: break;
  }
  return value;
}

// What stands there instead of the placeholder. `is_json`: of a text that programs take for JSON,
// in which a value that stands in no string becomes one.
std::string written_for(const Placeholder& placeholder, const std::string& value, bool is_json) {
  const std::string written = written_as(placeholder.form, value);
  if (!is_json || placeholder.depth > 0) return escaped_at(placeholder.depth, written);
  return '"' + escaped_at(1, written) + '"';
}

// One text of an answer.
class Restore : public Transform {
 public:
  Restore(Restorer& restorer, bool is_json)
      : restorer_(restorer), is_json_(is_json), reader_(restorer.tags(), is_json) {}

  core::Result<void> feed(std::string_view bytes, std::vector<TextEdit>& edits) override {
    reader_.feed(bytes, found_);
    take(edits);
    return {};
  }
  core::Result<void> finish(std::vector<TextEdit>& edits) override {
    reader_.finish(found_);
    take(edits);
    return {};
  }
  void made(const TextEdit& edit) override {
    // What is passed over was redacted.
    while (asked_.front().begin < edit.begin) asked_.pop_front();
    restorer_.count(*asked_.front().pseudonym);
    asked_.pop_front();
  }
  [[nodiscard]] std::size_t settled() const noexcept override { return reader_.settled(); }

 private:
  struct Asked {
    std::size_t begin;
    const Pseudonym* pseudonym;
  };

  void take(std::vector<TextEdit>& edits) {
    for (const Placeholder& placeholder : found_) {
      const Pseudonym* const pseudonym = restorer_.find(placeholder);
      if (pseudonym == nullptr) continue;
      asked_.push_back({placeholder.begin, pseudonym});
      edits.push_back({placeholder.begin, placeholder.end,
                       written_for(placeholder, pseudonym->value, is_json_), true});
    }
    found_.clear();
  }

  Restorer& restorer_;
  bool is_json_;
  PlaceholderReader reader_;
  std::vector<Placeholder> found_;
  std::deque<Asked> asked_;  // for edits that are not made yet, rising
};

PlaceholderTags tags_of(const Pseudonyms& given) {
  const std::vector<std::string_view> tags = given.tags();
  return PlaceholderTags(std::vector<std::string>(tags.begin(), tags.end()));
}

}  // namespace

Restorer::Restorer(const Pseudonyms& given, Tally& tally)
    : given_(given), tags_(tags_of(given)), tally_(tally) {}

TransformMaker Restorer::maker() {
  return [this](const TextInfo& text) -> std::unique_ptr<Transform> {
    return std::make_unique<Restore>(*this, text.kind == protocol::LeafKind::json_text);
  };
}

void Restorer::count(const Pseudonym& restored) {
  if (restored_.insert(&restored).second) tally_.restored(*restored.type);
}

}  // namespace menshen::pipeline
