// Reads linux.seccomp of config.json.
#include <algorithm>

#include "06-engine/security/seccomp.hpp"
#include "06-engine/security/seccomp_words.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

/// The field's text, which must be one of these words.
template <class Words>
std::string word(const DocumentField& field, const Words& words,
                 std::string_view what) {
    std::string text = field.text();
    if (find_word(words, text)) return text;
    std::string meant = nearest(text, word_texts(words));
    field.refuse(cat(quote(text), " is no ", what,
                     meant.empty() ? "" : cat("; did you mean ", meant, "?")));
}

template <class Words>
std::vector<std::string> words_of(const DocumentField& object, const char* key,
                                  const Words& words, std::string_view what) {
    std::vector<std::string> texts;
    if (std::optional<DocumentField> list = object.find(key))
        for (const DocumentField& item : list->items(most_json_values))
            texts.push_back(word(item, words, what));
    return texts;
}

std::optional<std::uint32_t> errno_of(const DocumentField& object,
                                      const char* key,
                                      const std::string& action) {
    std::optional<DocumentField> field = object.find(key);
    if (!field) return std::nullopt;
    if (action != act_errno && action != act_trace)
        field->refuse(cat(action, " returns no errno"));
    // The kernel cuts off a larger errno; a tracer gets all sixteen bits.
    constexpr unsigned largest_errno = 4095;
    return static_cast<std::uint32_t>(
        field->number(action == act_errno ? largest_errno : UINT16_MAX));
}

SeccompArgument read_argument(const DocumentField& field) {
    constexpr unsigned last_argument = 5;
    std::optional<DocumentField> two = field.find("valueTwo");
    return {
        .index = static_cast<unsigned>(field.at("index").number(last_argument)),
        .value = field.at("value").number(UINT64_MAX),
        .value_two = two ? two->number(UINT64_MAX) : 0,
        .op = word(field.at("op"), seccomp_operators, "operator")};
}

SeccompRule read_rule(const DocumentField& field) {
    SeccompRule rule;
    DocumentField names = field.at("names");
    rule.names = names.texts();
    if (rule.names.empty()) names.refuse("it names no system call");
    rule.action = word(field.at("action"), seccomp_actions, "action");
    rule.errno_value = errno_of(field, "errnoRet", rule.action);
    if (std::optional<DocumentField> arguments = field.find("args"))
        for (const DocumentField& one : arguments->items(most_json_values))
            rule.arguments.push_back(read_argument(one));
    // After the filter is loaded, whoever started the container must still be
    // told which descriptor the calls can be answered on.
    if (rule.action == act_notify &&
        std::count(rule.names.begin(), rule.names.end(), "write") != 0)
        names.refuse("write cannot have SCMP_ACT_NOTIFY: the runtime needs it");
    return rule;
}

void read_listener(const DocumentField& field, SeccompProfile& profile) {
    if (auto path = field.find("listenerPath"))
        profile.listener_path = path->text();
    if (auto metadata = field.find("listenerMetadata")) {
        profile.listener_metadata = metadata->text();
        if (profile.listener_path.empty())
            metadata->refuse("it goes with listenerPath, which is missing");
    }
    if (profile.default_action == act_notify)
        field.at("defaultAction")
            .refuse("with SCMP_ACT_NOTIFY for all calls, nobody could answer");
    bool notifies = std::any_of(
        profile.rules.begin(), profile.rules.end(),
        [](const SeccompRule& rule) { return rule.action == act_notify; });
    if (notifies && profile.listener_path.empty())
        field.refuse(
            "SCMP_ACT_NOTIFY needs listenerPath: who would answer the calls?");
}

}  // namespace

SeccompProfile read_seccomp(const DocumentField& field) {
    SeccompProfile profile;
    profile.default_action =
        word(field.at("defaultAction"), seccomp_actions, "action");
    profile.default_errno =
        errno_of(field, "defaultErrnoRet", profile.default_action);
    profile.architectures =
        words_of(field, "architectures", seccomp_architectures, "architecture");
    profile.flags = words_of(field, "flags", seccomp_flags, "flag");
    if (std::optional<DocumentField> calls = field.find("syscalls"))
        for (const DocumentField& rule : calls->items(most_json_values))
            profile.rules.push_back(read_rule(rule));
    read_listener(field, profile);
    return profile;
}

}  // namespace slipway
