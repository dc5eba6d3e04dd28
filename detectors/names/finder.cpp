#include "detectors/names/finder.h"

#include <algorithm>

namespace menshen::detectors::names {

void append_names(std::span<const Label> labels, std::span<const Scores> scores, std::size_t first,
                  std::vector<Name>& out) {
  std::int64_t margin = 0;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const Label label = labels[i];
    if (label == outside) continue;
    if (part_of(label) == Part::begin || part_of(label) == Part::single) {
      begin = i;
      margin = 0;
    }
    margin += scores[i][label] - scores[i][outside];
    if (is_open(label)) continue;
    const auto count = static_cast<float>(i + 1 - begin);
    out.push_back(
        {named_of(label), first + begin, first + i + 1, static_cast<float>(margin) / count});
  }
}

const std::vector<Name>& Finder::find(const TokenWindow& window, const Model& model,
                                      std::size_t from, std::size_t until, Label before) {
  names_.clear();
  forms_.assign(window, model.knowledge());
  const std::size_t size = forms_.size();
  for (std::size_t begin = from; begin < until;) {
    if (!forms_.may_be_named(begin)) {
      ++begin;
      before = outside;
      continue;
    }
    std::size_t end = begin;
    bool worth = false;
    for (; end < size && forms_.may_be_named(end); ++end) {
      worth = worth || (end < until && forms_.may_begin(end));
    }
    if (worth) decode(model, begin, end, before, end == size && !window.ends_sentence);
    begin = end;
    before = outside;
  }
  std::erase_if(names_, [&](const Name& name) { return name.begin >= until; });
  return names_;
}

void Finder::decode(const Model& model, std::size_t begin, std::size_t end, Label before,
                    bool goes_on) {
  scores_.resize(end - begin);
  for (std::size_t i = begin; i < end; ++i) {
    forms_.features_of(i, features_);
    scores_[i - begin] = model.scores_of(features_);
  }
  const auto labels = decoder_.best(scores_, model.transitions(), before, goes_on);
  append_names(labels, scores_, begin, names_);
}

}  // namespace menshen::detectors::names
