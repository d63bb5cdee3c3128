"""Addresses that open for their makers alone, and those that only look so."""

from __future__ import annotations

import pytest

from digest.inspection.closed_pages import closed, named_staging

SURE = """
http://localhost:8000/a
http://127.0.0.1/a
http://[::1]:3000/a
http://100.64.3.2/a
http://printer.local/a
http://build.intranet/a
https://staging.pencils.com/a
https://www.staging.pencils.co.uk/a
https://pencils-staging.herokuapp.com/
https://stg2.pencils.com/a
https://uat.pencils.com/a
https://staging.kinsta-pencils.kinsta.cloud/
https://pencils.wpcomstaging.com/a
https://deploy-preview-12--pencils.netlify.app/
https://main--pencils.netlify.app/a
https://pencils-git-fix-colour-acme.vercel.app/a
https://pencils-a1b2c3d4e-acme.vercel.app/a
https://pencils-x9-acme-projects.vercel.app/a
https://fix-colour.pencils.pages.dev/
https://pencils--pr12-a1b2c3d4.web.app/
https://pencils-pr-12.onrender.com/
https://pr-12.d1a2b3c4.amplifyapp.com/
https://dev-pencils.pantheonsite.io/
https://a1b2.ngrok.io/
https://a1b2.ngrok-free.app/
https://a1b2c3.localhost.run/
https://pencils.loca.lt/
https://pencils.lvh.me/
https://pencils.org/wp-admin
https://pencils.org/wp-login.php?redirect_to=x
https://pencils.org/?p=12&preview=true
https://pencils.org/2026/yellow/?preview_id=12&preview_nonce=ab
https://pencils.org/ghost/#/editor/post/12
https://pencils.org/admin/posts/12/edit
https://pencils.org/administrator/index.php?option=com_content&task=edit
https://docs.google.com/forms/d/1AbC/edit
https://docs.google.com/document/u/0/
https://drive.google.com/drive/u/0/my-drive
https://drive.google.com/drive/my-drive
https://mail.google.com/mail/u/0/#inbox/FMfcgz
https://outlook.office.com/mail/inbox/id/AAQk
https://app.slack.com/client/T01/C02
https://acme.slack.com/archives/C01/p12
https://www.dropbox.com/home/Pencils
https://acme-my.sharepoint.com/personal/ed_acme_com/Documents/a.docx
https://acme.sharepoint.com/:w:/r/sites/x/a.docx
https://pencils.substack.com/publish/post/12
https://us1.admin.mailchimp.com/campaigns/edit?id=12
https://app.beehiiv.com/posts/12
https://dev.to/alice/pencils-temp-slug-123456
https://www.overleaf.com/project/12ab
https://studio.youtube.com/video/abc/edit
""".splitlines()[1:]

DOUBTED = """
https://dev.pencils.com/2026/yellow
https://test.pencils.com/a
https://preview.pencils.com/a
https://dev2.pencils.com/a
https://www-dev.pencils.com/a
https://blog.dev.pencils.com/a
https://stage.pencils.com/a
https://pencils-dev.herokuapp.com/
https://docs.google.com/document/d/1AbC/edit
https://docs.google.com/spreadsheets/d/1AbC/edit#gid=0
https://www.notion.so/acme/Plan-0123456789abcdef0123456789abcdef
https://pencils.org/p/0b3acb8a-1234-4567-89ab-0123456789ab/
https://pencils.org/node/12/edit
https://files.pencils.org/a.pdf?X-Amz-Expires=3600&X-Amz-Signature=ab
""".splitlines()[1:]

OPEN = """
https://dev.to/alice/pencils-1a2b
https://dev.mysql.com/doc/refman/8.4/en/
https://dev.opera.com/articles/pencils/
https://developer.mozilla.org/en-US/docs/Web
https://dev.pencils.com/docs/start
https://web.dev/learn
https://blog.web.dev/pencils
https://www.test.de/Bleistifte
https://tests.stockfishchess.org/
https://test.pypi.org/project/pencils/
https://preview.redd.it/a.png
https://demo.ghost.io/
https://beta.bbc.co.uk/
https://next.vercel.app/
https://backstage.org/a
https://www.thestage.co.uk/a
https://stage.co.uk/a
https://staging.org/a
https://theatre.example/staging/hamlet
https://main-stage.festival.org/a
https://stage.nationaltheatre.com/hamlet
https://drafts.csswg.org/css-color/
https://pencils.vercel.app/
https://web-oscard0m.vercel.app/blog
https://pencils.netlify.app/
https://pencils.pages.dev/
https://pencils.herokuapp.com/
https://pencils.web.app/
https://ngrok.com/docs
https://www.gitpod.io/blog
https://localhost.run/docs/
https://serveo.net/
https://wordpress.org/documentation/article/wp-admin/
https://learn.wordpress.org/wp-admin/
https://www.youtube.com/watch?v=abcdefghijk&preview=0
https://en.wikipedia.org/w/index.php?title=Pencil&action=edit
https://github.com/acme/pencils/edit/main/README.md
https://github.com/acme/admin
https://docs.google.com/document/d/1AbC/edit?usp=sharing
https://docs.google.com/document/d/1AbC/preview
https://docs.google.com/document/d/e/2PACX/pub
https://docs.google.com/forms/d/e/1FAIp/viewform
https://drive.google.com/drive/folders/1AbC?usp=sharing
https://drive.google.com/file/d/1AbC/view
https://drive.google.com/open?id=1AbC
https://mail.google.com/
https://mail.google.com/mail/u/0/#settings/general
https://calendar.google.com/calendar/render?action=TEMPLATE&text=Pencils
https://slack.com/blog/news
https://api.slack.com/docs
https://join.slack.com/t/pencils/shared_invite/zt-1
https://acme.notion.site/Plan-0123456789abcdef0123456789abcdef
https://www.notion.so/help/share-your-work
https://www.dropbox.com/s/abc/a.pdf?dl=0
https://www.dropbox.com/scl/fi/abc/a.pdf?rlkey=1
https://acme.sharepoint.com/:w:/g/EaBc
https://mailchi.mp/pencils/issue-12
https://pencils.substack.com/p/yellow
https://web.archive.org/web/2020/https://dev.pencils.com/wp-admin/
https://archive.ph/AbCdE
https://medium.com/p/0123abcd
https://pencils.example/a
https://8.8.8.8/
mailto:ed@pencils.org
""".splitlines()[1:]


@pytest.mark.parametrize("url", SURE)
def test_it_is_closed_for_sure(url: str) -> None:
    found = closed(url)
    assert found is not None
    assert (found.sure, bool(found.why)) == (True, True)


@pytest.mark.parametrize("url", DOUBTED)
def test_it_looks_closed(url: str) -> None:
    found = closed(url)
    assert found is not None
    assert not found.sure


@pytest.mark.parametrize("url", OPEN)
def test_it_is_there_for_everybody(url: str) -> None:
    assert closed(url) is None


@pytest.mark.parametrize(
    "said", ["The developer pages of Acme", "dev.acme.com", "Its API, explained", "Open source pencils"]
)
def test_who_says_developer_knows_where_a_dev_site_leads(said: str) -> None:
    assert closed("https://dev.acme.com/2026/a", said=said) is None


def test_of_ones_own_site_every_such_name_is_sure() -> None:
    found = closed("https://beta.pencils.com/a", own="pencils.com")
    assert found is not None
    assert found.sure


def test_a_text_may_name_a_dev_site_but_not_a_staging_host() -> None:
    assert named_staging("So say dev.mysql.com and dev.pencils.com.") == ("", "")
    assert named_staging("So says staging.pencils.com.") == ("staging.pencils.com", "a staging host")
