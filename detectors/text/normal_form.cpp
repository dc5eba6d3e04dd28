#include "detectors/text/normal_form.h"

#include "detectors/text/decoder.h"
#include "detectors/text/view.h"

namespace menshen::detectors {

std::string normal_form(std::string_view text) {
  Decoder decoder;
  View view;
  decoder.reset();
  decoder.decode(text, view, {});
  decoder.finish(view);
  return std::string(view.slice(view.begin(), view.end()));
}

}  // namespace menshen::detectors
