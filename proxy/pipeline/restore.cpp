#include "proxy/pipeline/restore.h"

#include "core/hex.h"

#include <algorithm>
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
  [[nodiscard]] std::size_t settled() const noexcept override { return reader_.settled(); }

 private:
  void take(std::vector<TextEdit>& edits) {
    for (const Placeholder& placeholder : found_) {
      auto value = restorer_.restored(placeholder, is_json_);
      if (value) edits.push_back({placeholder.begin, placeholder.end, std::move(*value), true});
    }
    found_.clear();
  }

  Restorer& restorer_;
  bool is_json_;
  PlaceholderReader reader_;
  std::vector<Placeholder> found_;
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

std::optional<std::string> Restorer::restored(const Placeholder& placeholder, bool is_json) {
  const Pseudonym* const found = given_.find(placeholder.tag, placeholder.number);
  if (found == nullptr) return std::nullopt;
  if (restored_.insert(found).second) tally_.restored(*found->type);
  const std::string value = written_as(placeholder.form, found->value);
  if (!is_json || placeholder.depth > 0) return escaped_at(placeholder.depth, value);
  return '"' + escaped_at(1, value) + '"';
}

}  // namespace menshen::pipeline
