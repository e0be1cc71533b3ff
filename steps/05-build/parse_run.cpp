// What is run: RUN, CMD, ENTRYPOINT, HEALTHCHECK, and by which SHELL.
#include <algorithm>

#include "05-build/duration.hpp"
#include "05-build/flags.hpp"
#include "05-build/letters.hpp"
#include "05-build/parsers.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using Names = std::vector<std::string>;

const Names mount_types = {"bind", "cache", "tmpfs", "secret", "ssh"};
const Names mount_options = {
    "type", "target",    "dst", "destination", "source", "src",     "from",
    "rw",   "readwrite", "ro",  "readonly",    "id",     "sharing", "size",
    "mode", "uid",       "gid", "required",    "env"};

bool is_one_of(const std::string& word, const Names& names) {
    return std::find(names.begin(), names.end(), word) != names.end();
}

void check_option(const InstructionText& text, WordSpan at,
                  const std::string& name, const std::string& value) {
    if (!is_one_of(name, mount_options))
        throw with_suggestion(
            text.error(at, cat("unknown option ", quote(name), " in --mount")),
            name, mount_options);
    bool has_variable = value.find('$') != std::string::npos;
    if (name == "type" && !has_variable && !is_one_of(value, mount_types))
        throw with_suggestion(
            text.error(at, cat("unknown type of mount ", quote(value))), value,
            mount_types);
    if (name == "from" && has_variable)
        throw text.error(at, "variables are not replaced in from=")
            .advise("make a stage of it: FROM $IMAGE AS name, from=name");
}

// One of "type=cache,target=/x".
void add_option(RunMount& mount, const InstructionText& text, WordSpan at) {
    std::string field = without_quotes(text.text(at), text.escape);
    std::size_t equals = std::min(field.find('='), field.size());
    std::string name = to_lower(field.substr(0, equals));
    std::string value =
        equals == field.size() ? "true" : field.substr(equals + 1);
    check_option(text, at, name, value);
    mount.options.emplace_back(std::move(name), std::move(value));
}

RunMount read_mount(const InstructionText& text, const Flag& flag) {
    RunMount mount;
    mount.where = text.where(flag.at);
    WordSpan field = flag.value_at;
    while (true) {
        std::string_view rest = text.text({field.begin, flag.value_at.end});
        std::size_t comma =
            std::min(find_unquoted(rest, ',', text.escape), rest.size());
        field.end = field.begin + comma;
        add_option(mount, text, field);
        if (comma == rest.size()) return mount;
        field.begin = field.end + 1;
    }
}

// A flag that takes one of a few words.
std::string one_of(const InstructionText& text, const Flags& flags,
                   const char* name, const Names& words) {
    const Flag* flag = flags.find(name);
    if (!flag) return {};
    std::string value = without_quotes(flag->value, text.escape);
    if (is_one_of(value, words)) return value;
    throw with_suggestion(
        text.error(flag->value_at,
                   cat("--", name, " cannot be ", quote(value))),
        value, words);
}

CommandLineForm needed_command(InstructionText& text) {
    text.must_have_rest("a command");
    return command_line_form(text);
}

// Flags are read once the form is known: 0 means "as the base image has it".
std::string duration_flag(const InstructionText& text, const Flags& flags,
                          const char* name) {
    constexpr std::int64_t millisecond = 1'000'000;
    const Flag* flag = flags.find(name);
    if (!flag) return {};
    std::string value = without_quotes(flag->value, text.escape);
    auto nanoseconds = parse_duration(value);
    if (!nanoseconds)
        throw text
            .error(flag->value_at, cat(quote(value), " is no length of time"))
            .advise("write a number and its unit: 500ms, 30s, 1m30s, 2h");
    if (*nanoseconds < 0 || (*nanoseconds > 0 && *nanoseconds < millisecond))
        throw text.error(flag->value_at,
                         cat("--", name, " cannot be less than 1ms"));
    return value;
}

std::string retries_flag(const InstructionText& text, const Flags& flags) {
    constexpr std::uint64_t most = 2147483647;  // an int in Docker's config
    const Flag* flag = flags.find("retries");
    if (!flag) return {};
    std::string value = without_quotes(flag->value, text.escape);
    if (!parse_unsigned(value, most))
        throw text.error(flag->value_at,
                         cat(quote(value), " is no number of retries"));
    return value;
}

}  // namespace

Run parse_run(InstructionText& text) {
    Flags flags = take_flags(text, {{"mount", FlagRule::Kind::Repeated},
                                    {"network"},
                                    {"security"},
                                    {"device", FlagRule::Kind::Repeated}});
    if (const Flag* device = flags.find("device"))
        throw text.error(device->at, "RUN gets no devices here");
    Run run;
    for (const Flag& mount : flags.all("mount"))
        run.mounts.push_back(read_mount(text, mount));
    run.network = one_of(text, flags, "network", {"default", "none", "host"});
    run.security = one_of(text, flags, "security", {"sandbox", "insecure"});
    run.command = needed_command(text);
    if (run.command.words.empty())
        throw text.error(text.rest_span(), "RUN needs a command");
    for (const LineHeredoc& heredoc : text.line.heredocs)
        run.command.heredocs.push_back(heredoc.heredoc);
    return run;
}

Cmd parse_cmd(InstructionText& text) {
    take_flags(text, {});
    return {needed_command(text)};
}

Entrypoint parse_entrypoint(InstructionText& text) {
    take_flags(text, {});
    return {needed_command(text)};
}

Shell parse_shell(InstructionText& text) {
    take_flags(text, {});
    text.must_have_rest("a JSON list of words");
    CommandLineForm form = command_line_form(text);
    if (!form.is_json || form.words.empty())
        throw text.error(text.rest_span(), "SHELL needs a JSON list of words")
            .advise("write SHELL [\"/bin/bash\", \"-c\"]");
    return {form.words};
}

HealthcheckInstruction parse_healthcheck(InstructionText& text) {
    HealthcheckInstruction check;
    Flags flags = take_flags(text, {{"interval"},
                                    {"timeout"},
                                    {"start-period"},
                                    {"start-interval"},
                                    {"retries"}});
    text.must_have_rest("CMD and a command, or NONE");
    WordSpan kind = text.words()[0];
    std::string word = to_upper(text.text(kind));
    if (word != "NONE" && word != "CMD")
        throw with_suggestion(
            text.error(kind, cat("HEALTHCHECK ", quote(text.text(kind)),
                                 " is neither CMD nor NONE")),
            word, {"CMD", "NONE"});
    check.is_none = word == "NONE";
    bool has_flags =
        kind.begin != text.line.text.find_first_not_of(" \t", text.verb_at.end);
    text.go_on(kind.end);
    if (check.is_none) {
        if (!text.rest().empty() || has_flags)
            throw text.error(kind, "HEALTHCHECK NONE stands alone");
        return check;
    }
    check.interval = duration_flag(text, flags, "interval");
    check.timeout = duration_flag(text, flags, "timeout");
    check.start_period = duration_flag(text, flags, "start-period");
    check.start_interval = duration_flag(text, flags, "start-interval");
    check.retries = retries_flag(text, flags);
    check.command = needed_command(text);
    if (check.command.words.empty())
        throw text.error(text.rest_span(), "HEALTHCHECK CMD needs a command");
    return check;
}

}  // namespace slipway
