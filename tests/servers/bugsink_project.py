"""Run by `bugsink-manage shell`: makes one project and a token that may read everything; prints both as JSON."""

import json

from bsmain.models import AuthToken
from projects.models import Project
from teams.models import Team

team, _ = Team.objects.get_or_create(name="tests")
project, _ = Project.objects.get_or_create(name="tests", defaults={"team": team})
print("made " + json.dumps({"dsn": project.dsn, "project": project.id, "token": AuthToken.create_full_access().token}))
