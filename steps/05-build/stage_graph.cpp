#include "05-build/stage_graph.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "05-build/expand_at.hpp"
#include "05-build/letters.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using Kind = StageSource::Kind;

bool is_context(const StageGraphInput& input, const std::string& name) {
    constexpr std::string_view latest = ":latest";
    if (input.contexts.count(name) || input.contexts.count(cat(name, latest)))
        return true;
    return name.ends_with(latest) &&
           input.contexts.count(name.substr(0, name.size() - latest.size()));
}

// The last stage of that name before `end`.
std::optional<std::size_t> stage_above(const Dockerfile& file,
                                       const std::string& name,
                                       std::size_t end) {
    std::string wanted = to_lower(name);
    for (std::size_t i = std::min(end, file.stages.size()); i > 0; --i)
        if (file.stages[i - 1].source().stage_name == wanted) return i - 1;
    return {};
}

std::optional<std::size_t> stage_from(const Dockerfile& file,
                                      const std::string& name,
                                      std::size_t begin) {
    std::string wanted = to_lower(name);
    for (std::size_t i = begin; i < file.stages.size(); ++i)
        if (file.stages[i].source().stage_name == wanted) return i;
    return {};
}

std::optional<std::uint64_t> as_number(const std::string& text) {
    return parse_unsigned(text, std::numeric_limits<std::uint32_t>::max());
}

std::vector<std::string> stage_names(const Dockerfile& file) {
    std::vector<std::string> names;
    for (const Stage& stage : file.stages)
        if (!stage.source().stage_name.empty())
            names.push_back(stage.source().stage_name);
    return names;
}

std::size_t find_target(const StageGraphInput& input) {
    const Dockerfile& file = input.dockerfile;
    if (input.target.empty()) return file.stages.size() - 1;
    if (auto found = stage_above(file, input.target, file.stages.size()))
        return *found;
    auto number = as_number(input.target);
    if (number && *number < file.stages.size())
        return static_cast<std::size_t>(*number);
    Error error(ErrorKind::InvalidArgument,
                cat("target ", quote(input.target), ": ", file.source.name,
                    " has no such stage"));
    std::vector<std::string> names = stage_names(file);
    std::string meant = nearest(to_lower(input.target), names);
    if (!meant.empty())
        error.set_advice(cat("did you mean ", meant, "?"));
    else if (!names.empty())
        error.set_advice(cat("there are ", join(names, ", ")));
    throw error;
}

StageSource find_base(const StageGraphInput& input, std::size_t index,
                      const WordOptions& options) {
    const Dockerfile& file = input.dockerfile;
    const Word& image = file.stages[index].source().image;
    StageSource base;
    base.where = image.where;
    base.name = expand_at(file.source, image.where, image.text, options);
    if (base.name.empty())
        throw input_error(file.source, image.where,
                          "FROM: no image is left once its variables are "
                          "replaced")
            .advise(
                "give the ARG before FROM a default, or --build-arg "
                "NAME=VALUE");
    if (is_context(input, base.name)) {
        base.kind = Kind::Context;
    } else if (base.name == "scratch") {
        base.kind = Kind::Scratch;
    } else if (auto stage = stage_above(file, base.name, index)) {
        base.kind = Kind::Stage;
        base.stage = *stage;
    }
    return base;
}

using Collector = std::function<void(const std::string&, SourceRange)>;

void collect_names(const Instruction& instruction, const Collector& collect) {
    if (const auto* copy = std::get_if<Copy>(&instruction.body)) {
        if (!copy->from.empty()) collect(copy->from, copy->from_where);
    } else if (const auto* run = std::get_if<Run>(&instruction.body)) {
        for (const RunMount& mount : run->mounts)
            for (const auto& [name, value] : mount.options)
                if (name == "from") collect(value, mount.where);
    }
}

// Those of a stage that is begun from this one run there.
void collect_triggers(const Dockerfile& file, const Stage& base,
                      const Collector& collect) {
    for (const Instruction& instruction : base.instructions) {
        const auto* trigger = std::get_if<OnBuild>(&instruction.body);
        if (!trigger) continue;
        Source source{file.source.name, trigger->text};
        SourceRange where = instruction.where;
        collect_names(parse_instruction(source, file.directives.escape),
                      [&](const std::string& name, SourceRange) {
                          collect(name, where);
                      });
    }
}

class GraphBuilder {
  public:
    explicit GraphBuilder(const StageGraphInput& input)
        : input_(input), states_(input.dockerfile.stages.size()) {
        options_.lookup = input.lookup;
        options_.escape = input.dockerfile.directives.escape;
    }

    //@ begin order-stages
    // Depth first, with a stack of our own: a file may have more stages than
    // calls can be nested.
    StageGraph build() {
        StageGraph graph;
        graph.target = find_target(input_);
        enter(graph.target);
        while (!path_.empty()) {
            Open& open = path_.back();
            if (open.next < open.needs.size()) {
                visit(open.needs[open.next++]);
                continue;
            }
            states_[open.stage.index] = State::Done;
            graph.stages.push_back(std::move(open.stage));
            path_.pop_back();
        }
        return graph;
    }
    //@ end order-stages

  private:
    enum class State { Unseen, Open, Done };
    struct Open {
        NeededStage stage;
        std::vector<StageSource> needs;  // only stages
        std::size_t next = 0;
    };

    void visit(const StageSource& need) {
        if (states_[need.stage] == State::Open) throw_circle(need);
        if (states_[need.stage] == State::Unseen) enter(need.stage);
    }

    void enter(std::size_t index) {
        states_[index] = State::Open;
        Open open;
        open.stage = resolve(index);
        auto need = [&](const StageSource& source) {
            if (source.kind == Kind::Stage) open.needs.push_back(source);
        };
        need(open.stage.base);
        for (const StageSource& source : open.stage.references) need(source);
        path_.push_back(std::move(open));
    }

    NeededStage resolve(std::size_t index) {
        const Dockerfile& file = input_.dockerfile;
        const Stage& stage = file.stages[index];
        NeededStage needed{index, find_base(input_, index, options_)};
        needed.platform = expand_at(file.source, stage.source().platform_where,
                                    stage.source().platform, options_);
        std::set<std::string> seen;
        auto collect = [&](const std::string& name, SourceRange where) {
            if (seen.insert(name).second)
                needed.references.push_back(
                    find_source(input_, index, name, where));
        };
        if (needed.base.kind == Kind::Stage)
            collect_triggers(file, file.stages[needed.base.stage], collect);
        for (const Instruction& instruction : stage.instructions)
            collect_names(instruction, collect);
        return needed;
    }

    [[noreturn]] void throw_circle(const StageSource& need) const {
        std::string circle;
        bool inside = false;
        for (const Open& open : path_) {
            inside = inside || open.stage.index == need.stage;
            if (inside)
                circle += stage_title(input_.dockerfile, open.stage.index) +
                          " needs ";
        }
        throw input_error(input_.dockerfile.source, need.where,
                          cat("the stages go round in a circle: ", circle,
                              stage_title(input_.dockerfile, need.stage)));
    }

    const StageGraphInput& input_;
    WordOptions options_;
    std::vector<State> states_;
    std::vector<Open> path_;
};

}  // namespace

StageSource find_source(const StageGraphInput& input, std::size_t index,
                        const std::string& name, SourceRange where) {
    const Dockerfile& file = input.dockerfile;
    StageSource source{Kind::Image, 0, name, where};
    if (is_context(input, name)) {
        source.kind = Kind::Context;
        return source;
    }
    auto stage = stage_above(file, name, index);
    if (!stage) stage = stage_from(file, name, index);
    if (auto number = as_number(name)) {
        stage = static_cast<std::size_t>(*number);
        if (*stage >= file.stages.size())
            throw input_error(file.source, where,
                              cat("there is no stage ", name, ": the last is ",
                                  file.stages.size() - 1));
    }
    if (!stage) {
        if (name == "scratch") source.kind = Kind::Scratch;
        return source;
    }
    if (*stage == index)
        throw input_error(file.source, where,
                          cat("a stage cannot take files from itself: ",
                              quote(name), " is this stage"));
    source.kind = Kind::Stage;
    source.stage = *stage;
    return source;
}

std::string stage_title(const Dockerfile& dockerfile, std::size_t index) {
    const std::string& name = dockerfile.stages[index].source().stage_name;
    return name.empty() ? cat("stage ", index) : name;
}

StageGraph stage_graph(const StageGraphInput& input) {
    return GraphBuilder(input).build();
}

}  // namespace slipway
