// The issue as react-email's own examples would have it: a Section with two Columns for each story.
import { Body, Column, Container, Head, Heading, Html, Img, Link, Preview, Row, Section, Text } from "@react-email/components";
import * as React from "react";
import stories from "../issue.json";

const serif = "Georgia, serif";
const sans = "'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

const Story = ({ title, url, source, blurb, picture, alt, width, height }) => (
  <Section style={{ paddingBottom: 24 }}>
    <Row>
      <Column style={{ width: width + 20, verticalAlign: "top", paddingRight: 20 }}>
        <Link href={url}>
          <Img src={picture} alt={alt} width={width} height={height} style={{ borderRadius: 4 }} />
        </Link>
      </Column>
      <Column style={{ verticalAlign: "top" }}>
        <Heading as="h3" style={{ margin: 0, font: `bold 20px/25px ${serif}` }}>
          <Link href={url} style={{ color: "#1d1b18", textDecoration: "none" }}>{title}</Link>
        </Heading>
        <Text style={{ margin: "4px 0 0", fontSize: 13, lineHeight: "18px", color: "#66615a" }}>{source}</Text>
        <Text style={{ margin: "8px 0 0", fontSize: 16, lineHeight: "25px", color: "#1d1b18" }}>{blurb}</Text>
      </Column>
    </Row>
  </Section>
);

export default function Issue() {
  return (
    <Html lang="en">
      <Head><title>Thirty things that took their time</title></Head>
      <Preview>Ferries, orchards and clocks</Preview>
      <Body style={{ margin: 0, background: "#f1efea", fontFamily: sans }}>
        <Container style={{ maxWidth: 640, padding: 32, background: "#ffffff", borderTop: "4px solid #8f3015" }}>
          <Heading as="h1" style={{ font: `bold 36px/44px ${serif}` }}>The Slow Post</Heading>
          {stories.map((story) => <Story key={story.url} {...story} />)}
          <Text style={{ fontSize: 13 }}><Link href="https://slowpost.example/leave">Unsubscribe</Link></Text>
        </Container>
      </Body>
    </Html>
  );
}
