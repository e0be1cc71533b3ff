// A context, the root of a stage, and what COPY makes of them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "05-build/copy_plan.hpp"
#include "unit/04-images/read_tar_fixture.hpp"
#include "unit/catch.hpp"

namespace slipway::test {

using Names = std::vector<std::string>;

struct Copying {
    Tree context, stage;
    SourceTree tree = open_source_tree(context.folder.path());
    UniqueFd root{::open(stage.folder.path().c_str(),
                         O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    CopyRequest request;

    Copying() {
        request.source = &tree;
        request.parent_root = root.get();
    }

    LayerPlan plan(const Names& sources, const std::string& destination) {
        request.sources = sources;
        request.destination = destination;
        return plan_copy(request);
    }
    /// What is planned, sorted, folders with a slash.
    Names names(const Names& sources, const std::string& destination) {
        return names_in(plan(sources, destination));
    }
    static Names names_in(const LayerPlan& plan) {
        Names names;
        for (const PlanEntry& entry : plan.entries) {
            bool gone = entry.kind == PlanEntry::Kind::Whiteout;
            names.push_back(gone ? "-" + entry.name : entry.name);
            if (S_ISDIR(entry.mode)) names.back() += '/';
        }
        return names;
    }
    /// What it throws; kind System and "" when it throws nothing.
    Error refused(const Names& sources, const std::string& destination) {
        try {
            plan(sources, destination);
        } catch (const Error& error) {
            return error;
        }
        return Error(ErrorKind::System, "");
    }
};

inline PlanEntry entry_of(const LayerPlan& plan, const std::string& name) {
    for (const PlanEntry& entry : plan.entries)
        if (entry.name == name && entry.kind == PlanEntry::Kind::Itself)
            return entry;
    throw Error(ErrorKind::NotFound, "no entry " + name);
}

inline std::string tar_of(const LayerPlan& plan) {
    std::string tar;
    write_layer(plan, [&](std::string_view more) { tar += more; });
    return tar;
}

inline std::string text_of(const LayerPlan& plan, const std::string& name) {
    return entry_named(read_tar(tar_of(plan)), name).text;
}

}  // namespace slipway::test
