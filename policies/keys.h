// Every key of a policy file, once: the reader refuses what is not here, and a test holds
// policy.schema.json to the same lists.
#pragma once

#include "core/finding.h"
#include "core/yaml_reader.h"

#include <array>

namespace menshen::policies::keys {

using core::YamlKey;
using core::YamlRefusal;

inline constexpr std::string_view later = "not available in this version.";

inline constexpr std::array root{
    YamlKey{"apiVersion"},    YamlKey{"kind"},      YamlKey{"metadata"}, YamlKey{"defaults"},
    YamlKey{"recognizers"},   YamlKey{"classes"},   YamlKey{"access"},   YamlKey{"content"},
    YamlKey{"ignore"},        YamlKey{"grounding"}, YamlKey{"tests"},    YamlKey{"tools", later},
    YamlKey{"budgets", later}};
inline constexpr std::array metadata{YamlKey{"name"}, YamlKey{"description"}};
inline constexpr std::array defaults{YamlKey{"access"}, YamlKey{"on_error"},
                                     YamlKey{"opaque_content"}, YamlKey{"scores"},
                                     YamlKey{"body_logging"}};
inline constexpr std::array ignore{YamlKey{"values"},   YamlKey{"domains"}, YamlKey{"networks"},
                                   YamlKey{"patterns"}, YamlKey{"types"},   YamlKey{"rules"}};
inline constexpr std::array grounding{YamlKey{"sources"}};
inline constexpr std::array sources{YamlKey{"usual_marks"}, YamlKey{"marks"}, YamlKey{"questions"}};
inline constexpr std::array mark{YamlKey{"tag"}, YamlKey{"label"}, YamlKey{"begin"}, YamlKey{"end"},
                                 YamlKey{"roles"}};
inline constexpr std::array recognizer{
    YamlKey{"name"},       YamlKey{"category"}, YamlKey{"description"}, YamlKey{"pattern"},
    YamlKey{"patterns"},   YamlKey{"words"},    YamlKey{"context"},     YamlKey{"validator"},
    YamlKey{"confidence"}, YamlKey{"examples"}};
inline constexpr std::array recognizer_context{YamlKey{"words"}, YamlKey{"required"},
                                               YamlKey{"confidence"}};
inline constexpr std::array examples{YamlKey{"match"}, YamlKey{"no_match"}};
inline constexpr std::array access_rule{
    YamlKey{"id"},
    YamlKey{"effect"},
    YamlKey{"who"},
    YamlKey{"what"},
    YamlKey{"when"},
    YamlKey{"except"},
    YamlKey{"reason"},
    YamlKey{"limits", "limits of rules are not available in this version."},
    YamlKey{"mode", "only content rules have a shadow mode."}};
inline constexpr std::array exception{YamlKey{"who"}, YamlKey{"what"}, YamlKey{"when"}};
inline constexpr std::array who{YamlKey{"users"}, YamlKey{"groups"}, YamlKey{"kinds"},
                                YamlKey{"attributes", later}};
inline constexpr std::array what{YamlKey{"models"}, YamlKey{"operations"}, YamlKey{"zones"},
                                 YamlKey{"tools", later}};
inline constexpr std::array when{YamlKey{"days"}, YamlKey{"hours"}, YamlKey{"timezone"}};
inline constexpr std::array content_rule{YamlKey{"id"},   YamlKey{"direction"}, YamlKey{"who"},
                                         YamlKey{"what"}, YamlKey{"when"},      YamlKey{"except"},
                                         YamlKey{"find"}, YamlKey{"then"},      YamlKey{"mode"}};
inline constexpr std::array find{
    YamlKey{"types"},  YamlKey{"categories"}, YamlKey{"classes"}, YamlKey{"confidence_min"},
    YamlKey{"scores"}, YamlKey{"opaque"},     YamlKey{"seen"}};
inline constexpr std::array threshold{YamlKey{"above"}, YamlKey{"below"}};
inline constexpr std::array then{YamlKey{"action"}, YamlKey{"as"}, YamlKey{"reason"},
                                 YamlKey{"upstream", later}};
inline constexpr std::array redact_style{YamlKey{"mask"}};
inline constexpr std::array mask{YamlKey{"head"}, YamlKey{"tail"}};
inline constexpr std::string_view content_tests =
    "tests of content need detectors; they are not available in this version.";
inline constexpr std::array test{YamlKey{"name"}, YamlKey{"given"}, YamlKey{"expect"}};
inline constexpr std::array given{YamlKey{"user"},
                                  YamlKey{"groups"},
                                  YamlKey{"kind"},
                                  YamlKey{"model"},
                                  YamlKey{"operation"},
                                  YamlKey{"zone"},
                                  YamlKey{"time"},
                                  YamlKey{"opaque"},
                                  YamlKey{"seen"},
                                  YamlKey{"text", content_tests},
                                  YamlKey{"direction", content_tests}};
inline constexpr std::array expect{YamlKey{"access"},
                                   YamlKey{"rule"},
                                   YamlKey{"opaque"},
                                   YamlKey{"content", content_tests},
                                   YamlKey{"findings", content_tests},
                                   YamlKey{"action", content_tests}};

inline constexpr std::array<std::string_view, 1> api_versions{"menshen/v1"};
inline constexpr std::array<std::string_view, 1> kinds{"PolicySet"};
inline constexpr std::array<std::string_view, 1> default_access{"deny"};
inline constexpr std::array<std::string_view, 2> effects{"allow", "deny"};
inline constexpr std::array<std::string_view, 2> on_error{"deny", "allow"};
inline constexpr std::array<std::string_view, 3> opaque_content{"deny", "annotate", "allow"};
inline constexpr std::array<std::string_view, 2> scores{"asked", "always"};
inline constexpr std::array<std::string_view, 3> body_logging{"none", "redacted", "sealed"};
inline constexpr std::array<std::string_view, 7> days{"mon", "tue", "wed", "thu",
                                                      "fri", "sat", "sun"};
inline constexpr std::array<std::string_view, 3> directions{"request", "response", "both"};
inline constexpr std::array<std::string_view, 2> mark_roles{"system", "user"};
// Of which something is found, at a place in a text.
inline constexpr std::array found_categories{core::Category::pii, core::Category::secret,
                                             core::Category::name};
inline constexpr std::array<std::string_view, 2> modes{"enforce", "shadow"};

inline constexpr std::array later_actions{
    YamlRefusal{"reroute", "The action reroute is not available in this version."},
    YamlRefusal{"rewrite", "The action rewrite is not available in this version."},
    YamlRefusal{"review", "The action review is not available in this version."}};
inline constexpr std::array refused_access{
    YamlRefusal{"allow", "Access is denied unless a rule allows it: deny is the one value."}};

}  // namespace menshen::policies::keys
