// Trains detectors/scoring/model.bin: for each head a logistic regression over hashed n-grams, by
// AdaGrad (Duchi, Hazan, Singer 2011), that sees of each text the pieces which say most (the max
// pooling of multiple-instance learning: a label is one of the whole text).
//
//   train_scores OUT.bin VERSION ROWS.jsonl[:WEIGHT] ...
//
// ROWS: score_rows.h. One row in ten is held out: the calibration and the figures are of those. The
// same input makes the same bytes.
#include "detectors/training/score_rows.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace menshen::detectors::scoring {
namespace {

constexpr std::size_t bucket_count = std::size_t{1} << Ngrams::bucket_bits;
constexpr int epochs = 6;
constexpr float rate = 0.3F;
// What a label is worth: some of them are wrong.
constexpr float sure_yes = 0.97F;
constexpr float sure_no = 0.02F;

float logistic(float logit) { return 1 / (1 + std::exp(-logit)); }

float length_of(std::size_t ngrams) {
  return std::sqrt(static_cast<float>(std::max<std::size_t>(ngrams, LinearModel::ngrams_min)));
}

// One head while it learns.
class Learner {
 public:
  Learner(const Rows& rows, std::size_t head)
      : rows_(rows), head_(head), weights_(bucket_count), squares_(bucket_count, 1e-3F) {}

  void learn() {
    std::vector<const ScoreRow*> order;
    for (const ScoreRow& row : rows_.rows)
      if (!row.held_out && row.labels[head_] >= 0 && !row.pieces.empty()) order.push_back(&row);
    std::mt19937 random(1);
    for (int epoch = 0; epoch < epochs; ++epoch) {
      // Not std::shuffle, of which the standard does not say what it does with its numbers.
      for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random() % i]);
      for (const ScoreRow* row : order) step(*row);
    }
  }

  [[nodiscard]] const std::vector<float>& weights() const noexcept { return weights_; }
  [[nodiscard]] float offset() const noexcept { return offset_; }

 private:
  struct Pieces {
    float logit;
    std::size_t first;
    std::size_t last;
  };

  void step(const ScoreRow& row) {
    const Pieces worst = worst_of(row);
    const float target = row.labels[head_] != 0 ? sure_yes : sure_no;
    const float slope = (logistic(worst.logit) - target) * row.weight;
    const float each = slope / length_of(worst.last - worst.first);
    for (std::size_t i = worst.first; i < worst.last; ++i) {
      const std::uint32_t bucket = rows_.buckets[i];
      squares_[bucket] += each * each;
      weights_[bucket] -= rate * each / std::sqrt(squares_[bucket]);
    }
    offset_squares_ += slope * slope;
    offset_ -= 0.3F * rate * slope / std::sqrt(offset_squares_);
  }

  [[nodiscard]] Pieces worst_of(const ScoreRow& row) const {
    Pieces worst{-1e9F, 0, 0};
    float before = 0;
    for (std::size_t p = 0; p < row.pieces.size(); ++p) {
      const auto& piece = row.pieces[p];
      float sum = 0;
      for (std::size_t i = piece.first; i < piece.last; ++i) sum += weights_[rows_.buckets[i]];
      keep_worse(worst, sum, piece.first, piece.last);
      if (p > 0) keep_worse(worst, before + sum, row.pieces[p - 1].first, piece.last);
      before = sum;
    }
    return worst;
  }

  void keep_worse(Pieces& worst, float sum, std::size_t first, std::size_t last) const {
    const float logit = offset_ + sum / length_of(last - first);
    if (logit > worst.logit) worst = {logit, first, last};
  }

  const Rows& rows_;
  std::size_t head_;
  std::vector<float> weights_;
  std::vector<float> squares_;  // sums of the squares of what each weight was moved for
  float offset_ = -2;
  float offset_squares_ = 1;
};

// A ten-thousandth of the weights is cut off, so that the others have steps.
float scale_of(const std::vector<float>& weights) {
  std::vector<float> sizes;
  for (const float weight : weights)
    if (weight != 0) sizes.push_back(std::abs(weight));
  if (sizes.empty()) return 1;
  const auto largest = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 10000);
  std::nth_element(sizes.begin(), largest, sizes.end(), std::greater<>());
  return *largest / 127;
}

void round_into(LinearModel::Parts& parts, std::size_t head, const Learner& learner) {
  const float scale = scale_of(learner.weights());
  parts.heads[head] = {.offset = learner.offset(), .scale = scale, .calibration = {1, 0, 0}};
  for (std::size_t i = 0; i < bucket_count; ++i) {
    const float rounded = std::round(learner.weights()[i] / scale);
    parts.weights[i * LinearModel::columns + head] =
        static_cast<std::int8_t>(std::clamp(rounded, -127.0F, 127.0F));
  }
}

struct Held {
  float logit;
  float by_hand;
  float truth;
  float weight;
};

// The same sums as the run-time's, of rounded weights.
std::vector<Held> held_out(const Rows& rows, const LinearModel::Parts& parts, std::size_t head) {
  std::vector<Held> held;
  const auto& numbers = parts.heads[head];
  for (const ScoreRow& row : rows.rows) {
    if (!row.held_out || row.labels[head] < 0) continue;
    float worst = row.pieces.empty() ? numbers.offset : -1e9F;
    int before = 0;
    for (std::size_t p = 0; p < row.pieces.size(); ++p) {
      const auto& piece = row.pieces[p];
      int sum = 0;
      for (std::size_t i = piece.first; i < piece.last; ++i)
        sum += parts.weights[rows.buckets[i] * LinearModel::columns + head];
      const auto logit = [&](int of, std::size_t first) {
        return numbers.offset +
               numbers.scale * static_cast<float>(of) / length_of(piece.last - first);
      };
      worst = std::max(worst, logit(sum, piece.first));
      if (p > 0) worst = std::max(worst, logit(before + sum, row.pieces[p - 1].first));
      before = sum;
    }
    held.push_back({worst, row.by_hand[head], static_cast<float>(row.labels[head]), row.weight});
  }
  return held;
}

// Platt's sigmoid over two inputs, by gradient descent: they are few numbers.
std::array<float, 3> calibrated(const std::vector<Held>& held) {
  std::array<double, 3> c{1, 1, 0};
  double total = 0;
  for (const Held& row : held) total += static_cast<double>(row.weight);
  for (int step = 0; step < 4000; ++step) {
    std::array<double, 3> slope{};
    for (const Held& row : held) {
      const double logit =
          c[0] * static_cast<double>(row.logit) + c[1] * static_cast<double>(row.by_hand) + c[2];
      const double g = (1 / (1 + std::exp(-logit)) - static_cast<double>(row.truth)) *
                       static_cast<double>(row.weight);
      slope[0] += g * static_cast<double>(row.logit);
      slope[1] += g * static_cast<double>(row.by_hand);
      slope[2] += g;
    }
    c[0] -= 0.1 * slope[0] / total;
    c[1] -= 0.4 * slope[1] / total;
    c[2] -= 0.3 * slope[2] / total;
  }
  return {static_cast<float>(c[0]), static_cast<float>(c[1]), static_cast<float>(c[2])};
}

void print_figures(std::size_t head, const std::vector<Held>& held, const std::array<float, 3>& c) {
  constexpr std::size_t bins = 10;
  std::array<double, bins> said{};
  std::array<double, bins> was{};
  double right = 0;
  for (const Held& row : held) {
    const float p = logistic(c[0] * row.logit + c[1] * row.by_hand + c[2]);
    const auto bin = std::min(bins - 1, static_cast<std::size_t>(p * float{bins}));
    said[bin] += static_cast<double>(p);
    was[bin] += static_cast<double>(row.truth);
    right += (p >= 0.5F) == (row.truth >= 0.5F) ? 1 : 0;
  }
  double error = 0;
  for (std::size_t b = 0; b < bins; ++b) error += std::abs(said[b] - was[b]);
  const auto count = static_cast<double>(held.size());
  std::printf("%s: %zu held out, accuracy %.4f, expected calibration error %.4f\n",
              head_names[head], held.size(), right / count, error / count);
}

int run(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("train_scores OUT.bin VERSION ROWS.jsonl[:WEIGHT] ...\n", stderr);
    return 2;
  }
  Rows rows;
  for (int i = 3; i < argc; ++i) rows.read(argv[i]);
  LinearModel::Parts parts;
  parts.version = static_cast<std::uint32_t>(std::stoul(argv[2]));
  parts.weights.resize(bucket_count * LinearModel::columns);
  for (std::size_t head = 0; head < head_count; ++head) {
    Learner learner(rows, head);
    learner.learn();
    round_into(parts, head, learner);
    const std::vector<Held> held = held_out(rows, parts, head);
    parts.heads[head].calibration = calibrated(held);
    print_figures(head, held, parts.heads[head].calibration);
  }
  std::ofstream out(argv[1], std::ios::binary);
  out << LinearModel::written(parts);
  return out.flush() ? 0 : 1;
}

}  // namespace
}  // namespace menshen::detectors::scoring

int main(int argc, char** argv) {
  try {
    return menshen::detectors::scoring::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "train_scores: %s\n", error.what());
    return 1;
  }
}
