#include "05-build/global_args.hpp"

#include "05-build/expand_at.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

void add_platform(std::map<std::string, std::string>& args,
                  const std::string& prefix, const Platform& platform) {
    args[prefix + "PLATFORM"] = platform.text();
    args[prefix + "OS"] = platform.os;
    args[prefix + "ARCH"] = platform.architecture;
    args[prefix + "VARIANT"] = platform.variant;
}

}  // namespace

std::map<std::string, std::string> platform_args(const Platform& build,
                                                 const Platform& target) {
    std::map<std::string, std::string> args;
    add_platform(args, "BUILD", build);
    add_platform(args, "TARGET", target);
    return args;
}

std::optional<std::string> GlobalArgs::find(const std::string& name) const {
    auto found = values.find(name);
    if (found == values.end()) return {};
    return found->second;
}

GlobalArgs global_args(const Dockerfile& dockerfile,
                       const std::map<std::string, std::string>& build_args,
                       const std::map<std::string, std::string>& platforms) {
    GlobalArgs args;
    args.values = platforms;
    WordOptions options;
    options.lookup = [&](const std::string& name) { return args.find(name); };
    options.escape = dockerfile.directives.escape;
    for (const Instruction& instruction : dockerfile.global_args)
        for (const ArgDefault& arg : std::get<Arg>(instruction.body).values) {
            args.declared.insert(arg.name);
            auto given = build_args.find(arg.name);
            if (given != build_args.end())
                args.values[arg.name] = given->second;
            else if (arg.value)
                args.values[arg.name] =
                    expand_at(dockerfile.source, arg.value->where,
                              arg.value->text, options);
        }
    return args;
}

}  // namespace slipway
