#include "detectors/scoring/linear_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace menshen::detectors {

std::string_view scoring_model();  // model.bin

namespace scoring {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is read as it stands");

constexpr std::string_view magic = "menshen scores 1\n";
constexpr std::size_t weights_bytes =
    (std::size_t{1} << Ngrams::bucket_bits) * LinearModel::columns;

using Sums = std::array<std::int32_t, head_count>;

bool finite(const LinearModel::HeadNumbers& head) {
  const auto& c = head.calibration;
  return std::isfinite(head.offset) && std::isfinite(head.scale) && std::isfinite(c[0]) &&
         std::isfinite(c[1]) && std::isfinite(c[2]);
}

}  // namespace

core::Result<LinearModel> LinearModel::read(std::string_view bytes) {
  LinearModel out;
  const std::size_t head = magic.size() + sizeof out.version_ + sizeof out.heads_;
  if (!bytes.starts_with(magic) || bytes.size() != head + weights_bytes) {
    return core::gateway_error(core::ErrorKind::internal, "detector_failed",
                               "The model of scores is none of this version.");
  }
  std::memcpy(&out.version_, bytes.data() + magic.size(), sizeof out.version_);
  std::memcpy(&out.heads_, bytes.data() + magic.size() + sizeof out.version_, sizeof out.heads_);
  if (!std::ranges::all_of(out.heads_, finite)) {
    return core::gateway_error(core::ErrorKind::internal, "detector_failed",
                               "The model of scores holds what is no number.");
  }
  out.weights_ = bytes.data() + head;
  return out;
}

std::string LinearModel::written(const Parts& parts) {
  std::string out(magic);
  out.append(reinterpret_cast<const char*>(&parts.version), sizeof parts.version);
  out.append(reinterpret_cast<const char*>(&parts.heads), sizeof parts.heads);
  out.append(reinterpret_cast<const char*>(parts.weights.data()), parts.weights.size());
  return out;
}

const LinearModel& LinearModel::instance() {
  static const LinearModel model = [] {
    auto read = LinearModel::read(scoring_model());
    if (read) return *read;
    std::fputs("detectors/scoring/model.bin is no model of this build.\n", stderr);
    std::abort();
  }();
  return model;
}

std::array<Evidence, head_count> LinearModel::evidence(const Ngrams& ngrams) const {
  std::array<Evidence, head_count> strongest;
  for (std::size_t h = 0; h < head_count; ++h) strongest[h].logit = heads_[h].offset;
  bool any = false;
  Sums before{};  // of the piece before
  const Ngrams::Piece* piece_before = nullptr;
  const auto weigh = [&](const Sums& sums, std::uint32_t ngram_count, std::uint32_t begin,
                         std::uint32_t end) {
    const float length = std::sqrt(static_cast<float>(std::max(ngram_count, ngrams_min)));
    for (std::size_t h = 0; h < head_count; ++h) {
      const float logit = heads_[h].offset + heads_[h].scale * static_cast<float>(sums[h]) / length;
      if (!any || logit > strongest[h].logit) strongest[h] = {logit, begin, end};
    }
    any = true;
  };
  for (const Ngrams::Piece& piece : ngrams.pieces()) {
    Sums sums{};
    for (const std::uint32_t bucket : ngrams.of(piece)) {
      std::array<std::int8_t, columns> row;
      std::memcpy(&row, weights_ + bucket * columns, sizeof row);
      for (std::size_t h = 0; h < head_count; ++h) sums[h] += row[h];
    }
    weigh(sums, piece.last - piece.first, piece.begin, piece.end);
    if (piece_before != nullptr) {
      for (std::size_t h = 0; h < head_count; ++h) before[h] += sums[h];
      weigh(before, piece.last - piece_before->first, piece_before->begin, piece.end);
    }
    before = sums;
    piece_before = &piece;
  }
  return strongest;
}

float LinearModel::probability(Head head, float logit, float by_hand) const noexcept {
  const auto& c = heads_[index_of(head)].calibration;
  return 1.0F / (1.0F + std::exp(-(c[0] * logit + c[1] * by_hand + c[2])));
}

float probability(Head head, const Reading& reading, float by_hand) {
  return LinearModel::instance().probability(head, reading.evidence(head).logit, by_hand);
}

}  // namespace scoring
}  // namespace menshen::detectors
