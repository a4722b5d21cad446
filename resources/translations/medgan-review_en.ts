<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>Session</name>
    <message numerus="yes">
        <source>The first %n are practice: after each you are told the truth.</source>
        <translation>
            <numerusform>The first is practice: after it you are told the truth.</numerusform>
            <numerusform>The first %n are practice: after each you are told the truth.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>All %n answers are saved. The coordinator can now export them.</source>
        <translation>
            <numerusform>Your answer is saved. The coordinator can now export it.</numerusform>
            <numerusform>All %n answers are saved. The coordinator can now export them.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n pairs of images to judge.</source>
        <translation>
            <numerusform>%n pair of images to judge.</numerusform>
            <numerusform>%n pairs of images to judge.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n images to judge.</source>
        <translation>
            <numerusform>%n image to judge.</numerusform>
            <numerusform>%n images to judge.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n seconds</source>
        <translation>
            <numerusform>%n second</numerusform>
            <numerusform>%n seconds</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n minutes</source>
        <translation>
            <numerusform>%n minute</numerusform>
            <numerusform>%n minutes</numerusform>
        </translation>
    </message>
</context>
</TS>
