// Groups words by the company they keep (Schütze 1995: distributional clustering), so that the
// model of names learns of a word that no labelled row has.
//
//   cluster_words OUT.tsv TEXTS.jsonl ...
//
// TEXTS: strings of JSON lines, whatever their keys. OUT: a word as it is written, a tab, the
// number of its group, from 1 on. Characters of Han stand for themselves. The same input makes the
// same bytes.
#include "core/utf8.h"
#include "detectors/names/lexicon.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace {

using menshen::detectors::names::mixed;

constexpr std::size_t words_max = 40'000;
constexpr std::size_t neighbours_max = 2'000;
constexpr std::size_t dimensions = 96;
constexpr std::size_t groups = 500;
constexpr std::size_t count_min = 5;
constexpr int rounds = 20;

using Vector = std::array<float, dimensions>;

bool is_letter(char c) {
  return (c & '\x80') != 0 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void cut(std::string_view text, std::vector<std::string>& out) {
  for (std::size_t i = 0; i < text.size();) {
    const auto c = menshen::core::utf8_at(text, i);
    if (c.point >= 0x2E80) {
      out.emplace_back(text.substr(i, c.bytes));
      i += c.bytes;
    } else if (is_letter(text[i])) {
      const std::size_t begin = i;
      while (i < text.size() && is_letter(text[i]) &&
             menshen::core::utf8_at(text, i).point < 0x2E80)
        i += menshen::core::utf8_at(text, i).bytes;
      out.emplace_back(text.substr(begin, i - begin));
    } else if (text[i] >= '0' && text[i] <= '9') {
      while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
      out.emplace_back("0");
    } else {
      if (text[i] != ' ') out.emplace_back(text.substr(i, 1));
      ++i;
    }
  }
  out.emplace_back("\n");
}

void read_strings(const nlohmann::json& value, std::vector<std::string>& out) {
  if (value.is_string()) return cut(value.get_ref<const std::string&>(), out);
  if (!value.is_structured()) return;
  for (const auto& item : value) read_strings(item, out);
}

// A direction for each neighbour and side, as good as at right angles to the others.
float direction(std::size_t neighbour, std::size_t side, std::size_t dimension) {
  const std::uint64_t h = mixed((neighbour * 4 + side) * 1315423911ULL + dimension);
  return (h & 1U) != 0 ? 1.0F : -1.0F;
}

float dot(const Vector& a, const Vector& b) {
  float sum = 0;
  for (std::size_t d = 0; d < dimensions; ++d) sum += a[d] * b[d];
  return sum;
}

void normalise(Vector& v) {
  const float length = std::sqrt(dot(v, v));
  if (length > 0)
    for (float& x : v) x /= length;
}

std::size_t nearest(const Vector& v, const std::vector<Vector>& centres) {
  std::size_t best = 0;
  float most = -2;
  for (std::size_t k = 0; k < centres.size(); ++k) {
    const float likeness = dot(v, centres[k]);
    if (likeness > most) {
      most = likeness;
      best = k;
    }
  }
  return best;
}

using Row = std::vector<std::pair<std::size_t, float>>;

// The columns are made to stand at right angles to each other (Gram and Schmidt, twice).
void orthonormalise(std::vector<Vector>& columns) {
  for (std::size_t d = 0; d < dimensions; ++d) {
    for (int again = 0; again < 2; ++again) {
      for (std::size_t e = 0; e < d; ++e) {
        double shared = 0;
        for (const Vector& row : columns) shared += static_cast<double>(row[e]) * row[d];
        for (Vector& row : columns) row[d] -= static_cast<float>(shared) * row[e];
      }
    }
    double length = 0;
    for (const Vector& row : columns) length += static_cast<double>(row[d]) * row[d];
    length = std::sqrt(length);
    for (Vector& row : columns) row[d] = static_cast<float>(row[d] / std::max(length, 1e-12));
  }
}

std::vector<Vector> times(const std::vector<Row>& rows, const std::vector<Vector>& columns) {
  std::vector<Vector> out(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (const auto& [key, weight] : rows[i])
      for (std::size_t d = 0; d < dimensions; ++d) out[i][d] += weight * columns[key][d];
  return out;
}

std::vector<Vector> times_transposed(const std::vector<Row>& rows,
                                     const std::vector<Vector>& columns, std::size_t keys) {
  std::vector<Vector> out(keys);
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (const auto& [key, weight] : rows[i])
      for (std::size_t d = 0; d < dimensions; ++d) out[key][d] += weight * columns[i][d];
  return out;
}

// The rows in the space of the greatest singular vectors (randomised subspace iteration, Halko,
// Martinsson, Tropp 2011).
std::vector<Vector> principal(const std::vector<Row>& rows, std::size_t keys) {
  std::vector<Vector> basis(keys);
  for (std::size_t k = 0; k < keys; ++k)
    for (std::size_t d = 0; d < dimensions; ++d) basis[k][d] = direction(k, 0, d);
  std::vector<Vector> out = times(rows, basis);
  for (int round = 0; round < 4; ++round) {
    orthonormalise(out);
    basis = times_transposed(rows, out, keys);
    orthonormalise(basis);
    out = times(rows, basis);
  }
  return out;
}

// Spherical k-means; the most frequent words are the first centres.
std::vector<std::size_t> grouped(const std::vector<Vector>& vectors) {
  std::vector<Vector> centres(
      vectors.begin(),
      vectors.begin() + static_cast<std::ptrdiff_t>(std::min(groups, vectors.size())));
  std::vector<std::size_t> group(vectors.size());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < vectors.size(); ++i) group[i] = nearest(vectors[i], centres);
    for (Vector& centre : centres) centre.fill(0);
    for (std::size_t i = 0; i < vectors.size(); ++i)
      for (std::size_t d = 0; d < dimensions; ++d) centres[group[i]][d] += vectors[i][d];
    for (Vector& centre : centres) normalise(centre);
  }
  return group;
}

// Of each word what stands beside it more often than by chance.
std::vector<Row> company_of(const std::vector<std::string>& tokens, std::size_t words,
                            const std::unordered_map<std::string_view, std::size_t>& rank) {
  // How often each frequent neighbour stands at each of four places beside a word.
  std::vector<std::unordered_map<std::size_t, float>> beside(words);
  std::vector<std::size_t> ids(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto found = rank.find(tokens[i]);
    ids[i] = found == rank.end() ? words_max : found->second;
  }
  const std::array<std::ptrdiff_t, 4> places{-1, 1, -2, 2};
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == words_max) continue;
    for (std::size_t side = 0; side < places.size(); ++side) {
      const auto j = static_cast<std::ptrdiff_t>(i) + places[side];
      if (j < 0 || j >= static_cast<std::ptrdiff_t>(ids.size())) continue;
      const std::size_t neighbour = ids[static_cast<std::size_t>(j)];
      if (neighbour < neighbours_max) beside[ids[i]][neighbour * 4 + side] += 1;
    }
  }
  std::vector<float> totals(neighbours_max * 4);
  float all = 0;
  for (const auto& row : beside) {
    for (const auto& [key, count] : row) {
      totals[key] += count;
      all += count;
    }
  }
  std::vector<Row> rows(words);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    float mine = 0;
    for (const auto& [key, count] : beside[i]) mine += count;
    for (const auto& [key, count] : beside[i]) {
      // Positive pointwise mutual information.
      const float weight = std::log(count * all / (mine * totals[key]));
      if (weight > 0) rows[i].emplace_back(key, weight);
    }
    std::ranges::sort(rows[i]);  // sums of floats depend on their order
  }
  return rows;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> tokens;
  for (int i = 2; i < argc; ++i) {
    std::ifstream file(argv[i]);
    for (std::string line; std::getline(file, line);)
      read_strings(nlohmann::json::parse(line), tokens);
  }
  std::map<std::string, std::size_t> counts;
  for (const std::string& token : tokens) ++counts[token];
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const auto& [word, count] : counts)
    if (count >= count_min) ranked.emplace_back(count, word);
  std::ranges::sort(ranked, [](const auto& a, const auto& b) {
    return a.first != b.first ? a.first > b.first : a.second < b.second;
  });
  if (ranked.size() > words_max) ranked.resize(words_max);
  std::unordered_map<std::string_view, std::size_t> rank;
  for (std::size_t i = 0; i < ranked.size(); ++i) rank.emplace(ranked[i].second, i);

  const std::vector<Row> rows = company_of(tokens, ranked.size(), rank);
  std::vector<Vector> vectors = principal(rows, neighbours_max * 4);
  for (Vector& vector : vectors) normalise(vector);
  const auto group = grouped(vectors);
  std::ofstream out(argv[1]);
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    const std::string& word = ranked[i].second;
    if (is_letter(word[0])) out << word << '\t' << group[i] + 1 << '\n';
  }
}
