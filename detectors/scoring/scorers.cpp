#include "detectors/scoring/scorers.h"

#include "detectors/registered.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace menshen::detectors::scoring {
namespace {

std::string_view name_of(const Scorer* scorer) { return scorer->kind().name; }

void require(bool held, std::string_view what, std::string_view name) {
  if (held) return;
  std::fprintf(stderr, "%.*s: %.*s.\n", static_cast<int>(name.size()), name.data(),
               static_cast<int>(what.size()), what.data());
  std::abort();
}

}  // namespace

Scorers::Scorers(std::vector<const Scorer*> scorers) : scorers_(std::move(scorers)) {
  std::ranges::sort(scorers_, {}, name_of);
  require(scorers_.size() <= core::Scores::kinds_max, "there are more than can be kept", "scores");
  std::vector<Scope> scopes{shared_scope};
  for (const Scorer* scorer : scorers_) {
    const std::string_view name = name_of(scorer);
    require(kinds_.empty() || kinds_.back()->name != name, "two scorers have this name", name);
    kinds_.push_back(&scorer->kind());
    set_.add(scorer->kind());
    if (!versions_.empty()) versions_ += ' ';
    versions_.append(name).append("/").append(std::to_string(scorer->version()));
    const Lexicon lexicon = scorer->lexicon();
    if (lexicon.rows.empty()) continue;
    require(std::ranges::find(scopes, lexicon.scope) == scopes.end(),
            "another lexicon has its scope", name);
    scopes.push_back(lexicon.scope);
  }
}

const Scorers& Scorers::instance() {
  static const Scorers scorers(registered_scorers());
  return scorers;
}

}  // namespace menshen::detectors::scoring
