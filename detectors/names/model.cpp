#include "detectors/names/model.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <span>

namespace menshen::detectors::names {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is read as it stands");

constexpr std::string_view magic = "menshen names 1\n";
constexpr std::size_t weights_bytes = (std::size_t{1} << bucket_bits) * label_columns;

// Takes values off the front of a file.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  bool take(T& out) {
    if (bytes_.size() < sizeof out) return false;
    std::memcpy(&out, bytes_.data(), sizeof out);
    bytes_.remove_prefix(sizeof out);
    return true;
  }
  std::string_view take_bytes(std::size_t count) {
    const std::string_view out = bytes_.substr(0, count);
    bytes_.remove_prefix(out.size());
    return out;
  }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

template <class T>
void append(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// A set of hashes that is full would be searched for ever.
bool has_room(std::string_view slots) {
  std::size_t taken = 0;
  for (std::size_t i = 0; i < slots.size(); i += sizeof(std::uint32_t)) {
    std::uint32_t slot = 0;
    std::memcpy(&slot, slots.data() + i, sizeof slot);
    if (slot != 0) ++taken;
  }
  return taken * 2 * sizeof(std::uint32_t) <= slots.size();
}

}  // namespace

core::Result<Model> Model::read(std::string_view bytes) {
  const auto invalid = [] {
    return core::gateway_error(core::ErrorKind::internal, "detector_failed",
                               "The model of names is none of this version.");
  };
  if (!bytes.starts_with(magic)) return invalid();
  Reader reader(bytes.substr(magic.size()));
  Model out;
  std::uint32_t version = 0;
  std::array<std::uint32_t, 2> slots{};
  if (!reader.take(version) || !reader.take(slots) || !reader.take(out.transitions_) ||
      !reader.take(out.calibration_))
    return invalid();
  const std::size_t slots_bytes = (std::size_t{slots[0]} + slots[1]) * sizeof(std::uint32_t);
  if (!std::has_single_bit(slots[0]) || !std::has_single_bit(slots[1]) ||
      reader.left() != slots_bytes + weights_bytes)
    return invalid();
  const std::string_view lexicon = reader.take_bytes(slots[0] * sizeof(std::uint32_t));
  const std::string_view groups = reader.take_bytes(slots[1] * sizeof(std::uint32_t));
  if (!has_room(lexicon) || !has_room(groups)) return invalid();
  for (const Scores& row : out.transitions_) {
    // So that no sum over a window overflows.
    for (const std::int32_t score : row)
      if (score < -1'000'000 || score > 1'000'000) return invalid();
  }
  for (const Calibration& c : out.calibration_)
    if (!std::isfinite(c.slope) || !std::isfinite(c.offset)) return invalid();
  out.version_ = version;
  out.knowledge_ = {Lexicon(lexicon.data(), slots[0]), Lexicon(groups.data(), slots[1])};
  out.weights_ = reader.take_bytes(weights_bytes).data();
  return out;
}

Scores Model::scores_of(const Features& features) const noexcept {
  std::array<std::int16_t, label_columns> sums{};
  for (std::size_t i = 0; i < features.size; ++i) {
    std::array<std::int8_t, label_columns> row;
    std::memcpy(&row, weights_ + features.buckets[i] * std::size_t{label_columns}, sizeof row);
    for (std::size_t k = 0; k < label_columns; ++k)
      sums[k] = static_cast<std::int16_t>(sums[k] + row[k]);
  }
  Scores out;
  for (std::size_t k = 0; k < label_columns; ++k) out[k] = sums[k];
  return out;
}

float Model::confidence(Named named, float margin) const noexcept {
  const Calibration& c = calibration_[static_cast<std::size_t>(named)];
  return 1.0F / (1.0F + std::exp(-(c.slope * margin + c.offset)));
}

std::string Model::written(const Parts& parts) {
  std::string out(magic);
  append(out, static_cast<std::uint32_t>(parts.version));
  append(out, static_cast<std::uint32_t>(parts.lexicon.size()));
  append(out, static_cast<std::uint32_t>(parts.groups.size()));
  append(out, parts.transitions);
  append(out, parts.calibration);
  for (const auto* slots : {&parts.lexicon, &parts.groups})
    out.append(reinterpret_cast<const char*>(slots->data()), slots->size() * sizeof(std::uint32_t));
  out.append(reinterpret_cast<const char*>(parts.weights.data()), parts.weights.size());
  return out;
}

}  // namespace menshen::detectors::names
