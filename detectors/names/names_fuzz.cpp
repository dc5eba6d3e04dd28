// Names in texts of any bytes, and in texts put together from what names are made of: findings are
// inside the text and on the borders of its characters, and the same however it is cut. The canary
// shows what lies across a cut one byte late and must be caught.
#include "core/fuzz_canary.h"
#include "core/utf8.h"
#include "detectors/registered.h"
#include "detectors/tagger.h"
#include "detectors/testing/feeding.h"

#include <cstdint>
#include <cstdlib>
#include <fuzzer/FuzzedDataProvider.h>

namespace {

using namespace menshen;
using namespace menshen::detectors;
using testing::Fed;

void require(bool held) {
  if (!held) std::abort();
}

const std::shared_ptr<const Catalog>& names_alone() {
  static const std::shared_ptr<const Catalog> catalog = [] {
    std::vector<const Tagger*> taggers = registered_taggers();
    std::erase_if(taggers, [](const Tagger* tagger) { return tagger->name() != "names"; });
    require(taggers.size() == 1);
    return std::make_shared<const Catalog>(std::vector<const Detector*>(),
                                           std::span<const NumberSpec* const>(), taggers);
  }();
  return catalog;
}

Fed scan(std::string_view text, const std::vector<std::size_t>& cuts) {
  static Scanner scanner(names_alone());
  Fed fed = testing::feed(scanner, text, cuts);
  for (core::Finding& f : fed.findings) {
    const bool is_cut =
        std::ranges::any_of(cuts, [&](std::size_t cut) { return cut > f.begin && cut < f.end; });
    if (core::fuzz_canary && is_cut) ++f.begin;
  }
  return fed;
}

std::string text_from(FuzzedDataProvider& data) {
  if (data.ConsumeBool()) return data.ConsumeRemainingBytesAsString();
  static constexpr std::string_view pieces[] = {" ",
                                                ", ",
                                                ".",
                                                "\n",
                                                "-",
                                                "'",
                                                "\xe2\x80\x99s ",
                                                "Dr. ",
                                                "Mr ",
                                                "Dear ",
                                                "Margaret",
                                                "Smith",
                                                "O'Brien",
                                                "van ",
                                                "Northwind ",
                                                "Ltd",
                                                "in ",
                                                "Paris",
                                                "From: ",
                                                "PRIYA",
                                                "said",
                                                "e",
                                                "张",
                                                "欧阳",
                                                "伟",
                                                "小明",
                                                "先生",
                                                "经理",
                                                "联系人：",
                                                "，",
                                                "。",
                                                "阿卜杜拉",
                                                "·",
                                                "北京市",
                                                "有限公司",
                                                "在",
                                                "\xcc\x81",
                                                "\xe2\x80\x8b",
                                                "\xe7\xa0\x81",
                                                "<PERSON_1>",
                                                "&amp;",
                                                "\\u5f20",
                                                "{\"name\":\"",
                                                "\"}",
                                                "1990",
                                                "\xff",
                                                "\xf0\x9f\x99\x82",
                                                "İ"};
  std::string text;
  while (data.remaining_bytes() > 0) text += data.PickValueInArray(pieces);
  return text;
}

bool on_border(std::string_view text, std::size_t at) {
  return at == text.size() || (static_cast<unsigned char>(text[at]) & 0xc0U) != 0x80U;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider data(bytes, size);
  std::vector<std::size_t> cuts(data.ConsumeIntegralInRange<std::size_t>(0, 8));
  for (std::size_t& cut : cuts) cut = data.ConsumeIntegral<std::uint16_t>();
  const std::string text = text_from(data);
  const Fed whole = scan(text, {});
  require(whole.broken.empty() || whole.refused);
  const bool is_text = core::valid_utf8(text);
  for (const core::Finding& f : whole.findings) {
    require(f.type->category == core::Category::name && f.confidence > 0 && f.confidence <= 1);
    require(!is_text || (on_border(text, f.begin) && on_border(text, f.end)));
  }
  for (std::size_t& cut : cuts) cut %= text.size() + 1;
  std::ranges::sort(cuts);
  std::vector<std::size_t> everywhere;
  for (std::size_t i = 1; i < text.size(); ++i) everywhere.push_back(i);
  for (const auto& way : {cuts, everywhere}) {
    const Fed cut = scan(text, way);
    require(cut.refused == whole.refused && (cut.broken.empty() || cut.refused));
    require(testing::same(whole.findings, cut.findings));
  }
  return 0;
}
