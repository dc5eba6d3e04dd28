// Trains the model of detectors/names: an averaged structured perceptron (Collins 2002).
//
//   train_names OUT.bin VERSION LEXICON.tsv GROUPS.tsv ROWS.jsonl[:TIMES] ...
//
// LEXICON: lines of a word, a tab, and its classes (lexicon.h) as a number; GROUPS: of a word and
// the number of its group (cluster_words.cpp). ROWS: {"id", "text", "spans": [{"start", "end",
// "type": PER|ORG|LOC}]}, in bytes; TIMES: how often each is shown in an epoch. One row in ten (by
// the CRC-32 of its id) is held out: figures and confidences are of those. The same input makes the
// same bytes.
//
// Texts are cut into tokens by the engine itself, and told by the run-time's own features.
#include "detectors/names/decoder.h"
#include "detectors/names/features.h"
#include "detectors/names/finder.h"
#include "detectors/names/model.h"
#include "detectors/training/names_rows.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace menshen::detectors::names {
namespace {

constexpr int epochs = 8;

class Perceptron {
 public:
  Perceptron() : weights_(rows * label_columns), sums_(rows * label_columns) {}

  void learn(const Sentence& sentence) {
    ++step_;
    for_each_row(sentence, [&](std::size_t begin, std::size_t end) {
      const auto said = decode(sentence, begin, end);
      for (std::size_t i = begin; i < end; ++i) {
        const Label gold = sentence.gold[i];
        const Label got = said[i - begin];
        const Label gold_before = i == begin ? outside : sentence.gold[i - 1];
        const Label got_before = i == begin ? outside : said[i - begin - 1];
        if (gold != got) {
          for (std::uint32_t k = sentence.begins[i]; k < sentence.begins[i + 1]; ++k) {
            add(sentence.buckets[k], gold, 1);
            add(sentence.buckets[k], got, -1);
          }
        }
        if (gold != got || gold_before != got_before) {
          add_transition(gold_before, gold, 1);
          add_transition(got_before, got, -1);
        }
      }
    });
  }

  [[nodiscard]] std::vector<Label> decode(const Sentence& sentence, std::size_t begin,
                                          std::size_t end) {
    scores_.assign(end - begin, {});
    for (std::size_t i = begin; i < end; ++i) {
      Scores& out = scores_[i - begin];
      for (std::uint32_t k = sentence.begins[i]; k < sentence.begins[i + 1]; ++k) {
        const std::int32_t* row = &weights_[sentence.buckets[k] * label_columns];
        for (std::size_t c = 0; c < label_columns; ++c) out[c] += row[c];
      }
    }
    const auto labels = decoder_.best(scores_, transitions_, outside, false);
    return {labels.begin(), labels.end()};
  }

  template <class Use>
  static void for_each_row(const Sentence& sentence, Use&& use) {
    for (std::size_t begin = 0; begin < sentence.tokens.size();) {
      if (!sentence.may[begin]) {
        ++begin;
        continue;
      }
      std::size_t end = begin;
      while (end < sentence.tokens.size() && sentence.may[end]) ++end;
      use(begin, end);
      begin = end;
    }
  }

  // The averages, as weights of a byte each.
  void write_to(Model::Parts& parts) const {
    std::vector<double> average(weights_.size());
    for (std::size_t i = 0; i < average.size(); ++i) {
      average[i] = static_cast<double>(weights_[i]) -
                   static_cast<double>(sums_[i]) / static_cast<double>(step_);
    }
    // Few weights are great; those are cut so that the many keep their differences.
    std::vector<double> sizes;
    for (const double w : average)
      if (w != 0) sizes.push_back(std::abs(w));
    const auto rank = static_cast<std::ptrdiff_t>(static_cast<double>(sizes.size()) * 0.9999);
    std::nth_element(sizes.begin(), sizes.begin() + rank, sizes.end());
    const double scale = 127.0 / sizes[static_cast<std::size_t>(rank)];
    parts.weights.resize(average.size());
    for (std::size_t i = 0; i < average.size(); ++i) {
      parts.weights[i] =
          static_cast<std::int8_t>(std::clamp(std::round(average[i] * scale), -127.0, 127.0));
    }
    for (std::size_t a = 0; a < label_columns; ++a) {
      for (std::size_t b = 0; b < label_columns; ++b) {
        const double w = transitions_[a][b] -
                         static_cast<double>(transition_sums_[a][b]) / static_cast<double>(step_);
        parts.transitions[a][b] = static_cast<std::int32_t>(std::round(w * scale));
      }
    }
  }

 private:
  static constexpr std::size_t rows = std::size_t{1} << bucket_bits;

  void add(std::uint32_t bucket, Label label, std::int32_t delta) {
    const std::size_t at = bucket * label_columns + label;
    weights_[at] += delta;
    sums_[at] += delta * step_;
  }
  void add_transition(Label before, Label label, std::int32_t delta) {
    transitions_[before][label] += delta;
    transition_sums_[before][label] += delta * step_;
  }

  std::vector<std::int32_t> weights_;
  std::vector<std::int64_t> sums_;
  Transitions transitions_{};
  std::array<std::array<std::int64_t, label_columns>, label_columns> transition_sums_{};
  std::int64_t step_ = 0;
  Decoder decoder_;
  std::vector<Scores> scores_;
};

// Of the standard library only the generator gives the same everywhere.
void shuffle(std::vector<std::size_t>& order, std::mt19937_64& random) {
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
}

// What the finished model says of a sentence.
std::vector<Name> said_by(const Model& model, const Sentence& sentence) {
  std::vector<Name> out;
  Decoder decoder;
  std::vector<Scores> scores;
  Features features;
  Perceptron::for_each_row(sentence, [&](std::size_t begin, std::size_t end) {
    scores.clear();
    for (std::size_t i = begin; i < end; ++i) {
      features.size = sentence.begins[i + 1] - sentence.begins[i];
      std::copy_n(sentence.buckets.begin() + sentence.begins[i], features.size,
                  features.buckets.begin());
      scores.push_back(model.scores_of(features));
    }
    append_names(decoder.best(scores, model.transitions(), outside, false), scores, begin, out);
  });
  return out;
}

bool is_right(const Sentence& sentence, const Name& said) {
  for (std::size_t i = said.begin; i < said.end; ++i) {
    if (sentence.gold[i] != label_of(said.named, part_at(i, said.begin, said.end))) return false;
  }
  return true;
}

// Logistic regression of "right" on the margin, by Newton's method.
Calibration calibrated(const std::vector<std::pair<float, bool>>& said) {
  double slope = 0.01;
  double offset = 0;
  for (int round = 0; round < 50; ++round) {
    double g0 = 0;
    double g1 = 0;
    double h00 = 1e-6;
    double h01 = 0;
    double h11 = 1e-6;
    for (const auto& [margin, right] : said) {
      const double p = 1 / (1 + std::exp(-(slope * margin + offset)));
      const double error = (right ? 1.0 : 0.0) - p;
      const double v = p * (1 - p);
      g0 += error;
      g1 += error * margin;
      h00 += v;
      h01 += v * margin;
      h11 += v * margin * margin;
    }
    const double determinant = h00 * h11 - h01 * h01;
    if (determinant <= 0) break;
    offset += (h11 * g0 - h01 * g1) / determinant;
    slope += (h00 * g1 - h01 * g0) / determinant;
  }
  return {static_cast<float>(slope), static_cast<float>(offset)};
}

// What was said of the sentences that were held out, and how much of it is right.
struct HeldOut {
  std::string file;
  std::vector<Sentence> sentences;
};

void report(const Model& model, const std::vector<HeldOut>& files,
            std::array<Calibration, named_count>& calibration) {
  constexpr std::array<const char*, named_count> names{"PER", "ORG", "LOC"};
  std::array<std::vector<std::pair<float, bool>>, named_count> said;
  for (const HeldOut& file : files) {
    std::array<double, named_count> right{};
    std::array<double, named_count> found{};
    std::array<double, named_count> gold{};
    for (const Sentence& sentence : file.sentences) {
      for (const Label label : sentence.gold) {
        if (label != outside && (part_of(label) == Part::begin || part_of(label) == Part::single))
          ++gold[static_cast<std::size_t>(named_of(label))];
      }
      for (const Name& one : said_by(model, sentence)) {
        const auto type = static_cast<std::size_t>(one.named);
        const bool is = is_right(sentence, one);
        found[type] += 1;
        right[type] += is ? 1 : 0;
        said[type].emplace_back(one.margin, is);
      }
    }
    std::printf("held out of %s:", file.file.c_str());
    for (std::size_t t = 0; t < named_count; ++t) {
      std::printf("  %s %.0f P %.3f R %.3f F1 %.3f", names[t], gold[t], right[t] / found[t],
                  right[t] / gold[t], 2 * right[t] / (found[t] + gold[t]));
    }
    std::printf("\n");
  }
  for (std::size_t t = 0; t < named_count; ++t) calibration[t] = calibrated(said[t]);
}

void train(std::span<char*> arguments) {
  Model::Parts parts;
  parts.version = static_cast<unsigned>(std::stoul(arguments[2]));
  parts.lexicon = read_lexicon(arguments[3]);
  parts.groups = read_lexicon(arguments[4]);
  const auto view = [](const std::vector<std::uint32_t>& slots) {
    return Lexicon(reinterpret_cast<const char*>(slots.data()), slots.size());
  };
  const Knowledge known{view(parts.lexicon), view(parts.groups)};
  std::vector<Sentence> seen;
  std::vector<unsigned> times;
  std::vector<HeldOut> held_out;
  for (char* const argument : arguments.subspan(5)) {
    std::size_t tokens = 0;
    std::size_t rows = 0;
    held_out.push_back({argument, {}});
    for (const Row& row : rows_of(argument)) {
      ++rows;
      for (Sentence& sentence : sentences_of(row, known)) {
        tokens += sentence.tokens.size();
        if (!row.held_out) times.push_back(row.times);
        (row.held_out ? held_out.back().sentences : seen).push_back(std::move(sentence));
      }
    }
    std::printf("%s: %zu rows, %zu tokens\n", argument, rows, tokens);
  }
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < seen.size(); ++i) order.insert(order.end(), times[i], i);
  std::mt19937_64 random(1);
  Perceptron perceptron;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    shuffle(order, random);
    for (const std::size_t i : order) perceptron.learn(seen[i]);
    std::printf("epoch %d\n", epoch + 1);
    std::fflush(stdout);
  }
  perceptron.write_to(parts);
  const auto write = [&] { return Model::written(parts); };
  const std::string first = write();
  report(Model::read(first).value(), held_out, parts.calibration);
  std::ofstream(arguments[1], std::ios::binary) << write();
}

}  // namespace
}  // namespace menshen::detectors::names

int main(int argc, char** argv) {
  if (argc < 6) {
    std::fputs("train_names OUT.bin VERSION LEXICON.tsv GROUPS.tsv ROWS.jsonl[:TIMES] ...\n",
               stderr);
    return 2;
  }
  try {
    menshen::detectors::names::train({argv, static_cast<std::size_t>(argc)});
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
